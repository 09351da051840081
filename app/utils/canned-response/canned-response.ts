import Fuse from 'fuse.js'
import type { CannedResponse } from '#shared/types/api'

/** Finds canned responses by words that may be misspelt: all of them have to be found, best in the title, then in category and content. */
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
