import Fuse from 'fuse.js'
import type { Member } from '#shared/types/api'

const most = 20

/** Finds members by names that may be misspelt; first those in whose name a word begins with what is asked for. */
export function memberSearch(members: Member[]): (query: string) => Member[] {
  const fuse = new Fuse(members, { keys: ['full_name'], useTokenSearch: true, tokenMatch: 'all', threshold: 0.3, ignoreLocation: true, ignoreDiacritics: true })
  return (query) => {
    const wanted = query.trim().toLowerCase()
    if (!wanted) return members.slice(0, most)
    const found = fuse.search(query.trim()).map(({ item }) => item)
    return [...found.filter(member => begins(member, wanted)), ...found.filter(member => !begins(member, wanted))].slice(0, most)
  }
}

function begins({ full_name }: Member, wanted: string): boolean {
  const name = full_name.toLowerCase()
  return name.startsWith(wanted) || name.includes(` ${wanted}`)
}
