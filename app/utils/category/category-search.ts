import Fuse from 'fuse.js'
import type { CategoryChoice } from './category-path'

/** Finds paths by words that may be misspelt: all of them have to be found, best in the last name. In the order of the tree without words. */
export function categorySearch(paths: CategoryChoice[]): (words: string) => CategoryChoice[] {
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
