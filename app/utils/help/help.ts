import type { PortalLocale } from '#shared/types/portal'

/** Each language by its own name. */
export const languageNames: Record<PortalLocale, string> = { en: 'English', de: 'Deutsch' }

/** An address of the help centre that keeps the language that its reader chose. */
export function helpPath(path: string, chosenLocale: PortalLocale | null, query: Record<string, string> = {}): string {
  const parameters = new URLSearchParams({ ...query, ...(chosenLocale && { lang: chosenLocale }) })
  return parameters.size > 0 ? `${path}?${parameters}` : path
}
