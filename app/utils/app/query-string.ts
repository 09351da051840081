/** The query of an address: a name again for each of several values, nothing for what is empty. */
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
