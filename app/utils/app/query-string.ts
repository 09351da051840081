/** Builds a query string: repeats the name for each value of an array, and omits empty values. */
export function queryString(values: Record<string, string | number | (string | number)[]>): string {
  return new URLSearchParams(
    Object.entries(values).flatMap(([name, value]) =>
      [value]
        .flat()
        .filter(Boolean)
        .map(single => [name, String(single)])
    )
  ).toString()
}
