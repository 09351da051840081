// Free of zod, because pages that only show texts need no validation.
/** The languages of the texts for clients. */
export const locales = ['en', 'de'] as const

export type Locale = (typeof locales)[number]

/** The first of `offered` in an Accept-Language header, by its weights; without a match the first that is offered. */
export function preferredLocale(acceptLanguage: string | null | undefined, offered: readonly Locale[] = locales): Locale {
  const wanted = (acceptLanguage ?? '')
    .slice(0, 1_000)
    .split(',')
    .map(entry => {
      const [tag = '', weight = '1'] = entry.trim().split(/\s*;\s*q=/i)
      return { language: tag.split('-')[0]!.toLowerCase(), weight: Number(weight) }
    })
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)
  for (const { language } of wanted) {
    const locale = offered.find(known => known === language)
    if (locale) return locale
  }
  return offered[0] ?? 'en'
}
