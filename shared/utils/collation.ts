/** The order of the Unicode root collation, as `collate "und-x-icu"` in SQL. */
export const collator = new Intl.Collator('en')

/** Compares texts in the order of `collator`; texts that it treats as equal are ordered by code units. */
export function compareTexts(a: string, b: string): number {
  return collator.compare(a, b) || (a === b ? 0 : a < b ? -1 : 1)
}
