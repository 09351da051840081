import Fuse from 'fuse.js'
import type { Member } from '#shared/types/api'
import { compareTexts } from '#shared/utils/collation'

const maxResults = 20

/** Finds members with a word in their name that starts with the query; if there are none, uses fuzzy search. Sorted by name. */
export function memberSearch(members: Member[]): (query: string) => Member[] {
  const fuse = new Fuse(members, {
    keys: ['full_name'],
    useTokenSearch: true,
    tokenMatch: 'all',
    threshold: 0.3,
    ignoreLocation: true,
    ignoreDiacritics: true
  })
  const byName = [...members].sort((a, b) => compareTexts(a.full_name, b.full_name))
  return query => {
    const wanted = query.trim().toLowerCase()
    const prefixMatches = byName.filter(({ full_name }) => ` ${full_name.toLowerCase()}`.includes(` ${wanted}`))
    return (prefixMatches.length ? prefixMatches : fuse.search(wanted).map(({ item }) => item)).slice(0, maxResults)
  }
}
