import Fuse from 'fuse.js'
import type { CategoryChoice } from './category-path'

/** Fuzzy search over paths. All words must match; matches in the last name rank highest. Without words, all paths in tree order. */
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
