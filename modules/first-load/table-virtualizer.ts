// Our tables are paged: UTable's `virtualize` is not used, and its code (10 kB gzip) is not loaded.
export function useVirtualizer(): never {
  throw new Error('UTable is built without `virtualize` here: see modules/first-load')
}
