// Our tables are paged and do not use the `virtualize` prop of UTable.
export function useVirtualizer(): never {
  throw new Error('UTable is built without `virtualize` here: see modules/first-load')
}
