import Fuse from 'fuse.js'
import type { RoutePath } from './routing'

/** Finds paths by words that may be misspelt: all of them have to be found, best in the last name. In the order of the tree without words. */
export function routeSearch(paths: RoutePath[]): (words: string) => RoutePath[] {
  const fuse = new Fuse(paths, {
    keys: [
      { name: 'last', weight: 3, getFn: ({ names }) => names.at(-1)! },
      { name: 'label', weight: 1 }
    ],
    useTokenSearch: true,
    tokenMatch: 'all',
    threshold: 0.3,
    ignoreLocation: true,
    ignoreDiacritics: true
  })
  return words => {
    const wanted = words.replace(/[›>/]/g, ' ').trim()
    return wanted ? fuse.search(wanted).map(({ item }) => item) : paths
  }
}
