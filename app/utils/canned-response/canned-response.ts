import Fuse from 'fuse.js'
import type { CannedResponse } from '#shared/types/api'

/** Fuzzy search over canned responses. All words must match; matches in the title rank highest, then category, then content. */
export function cannedResponseSearch(responses: CannedResponse[]): (query: string) => CannedResponse[] {
  const fuse = new Fuse(responses, {
    keys: [
      { name: 'title', weight: 4 },
      { name: 'category', weight: 2 },
      { name: 'content', weight: 1 }
    ],
    useTokenSearch: true,
    tokenMatch: 'all',
    threshold: 0.3,
    ignoreLocation: true
  })
  return query => (query.trim() ? fuse.search(query.trim()).map(({ item }) => item) : responses)
}
