/** The order of the Unicode root collation, as `collate "und-x-icu"` in SQL. */
export const collator = new Intl.Collator('en')

/** Texts in the order of readers; those that the collation does not tell apart stand by their characters. */
export function compareTexts(a: string, b: string): number {
  return collator.compare(a, b) || (a === b ? 0 : a < b ? -1 : 1)
}
