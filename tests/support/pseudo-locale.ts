const accented: Record<string, string> = {
  ...Object.fromEntries([...'abcdefghijklmnopqrstuvwxyz'].map((letter, index) => [letter, [...'àɓçđéƒĝĥîĵķļɱñöþɋŕšţûṽŵẋýž'][index]!])),
  ...Object.fromEntries([...'ABCDEFGHIJKLMNOPQRSTUVWXYZ'].map((letter, index) => [letter, [...'ÀƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞɊŔŠŢÛṼŴẊÝŽ'][index]!]))
}

/** A locale made from English whose sentences have no ASCII letter, except for the names of parameters. Each plural form has brackets. */
export function pseudoLocale<Messages extends Record<string, string>>(messages: Messages): Record<keyof Messages, string> {
  const convert = (message: string) =>
    message
      .split(' | ')
      .map(form => `⟦${form.replace(/\{\w+\}|[A-Za-z]/g, found => accented[found] ?? found)}⟧`)
      .join(' | ')
  return Object.fromEntries(Object.entries(messages).map(([key, message]) => [key, convert(message)])) as Record<keyof Messages, string>
}

/** Letters of a text that did not come from the pseudo locale. `data`: text of people and machines, which may have letters. */
export function foreignWords(text: string, data: readonly string[]): string[] {
  // The longest first, because one may contain another.
  const rest = [...data].sort((a, b) => b.length - a.length).reduce((rest, known) => rest.replaceAll(known, ' '), text)
  return rest.match(/[A-Za-z]{2,}/g) ?? []
}
