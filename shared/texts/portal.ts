import type { PortalLocale } from '../types/portal'
import { de } from './portal/de'
import { en, type PortalTexts } from './portal/en'

const catalogues: Record<PortalLocale, PortalTexts> = { en, de }

export type { PortalTexts }

/** The sentences of the portal in a language. */
export function portalTexts(locale: PortalLocale): PortalTexts {
  return catalogues[locale]
}

/** The first language of an Accept-Language header that the portal speaks; English for none. */
export function acceptedLocale(header: string | undefined): PortalLocale {
  const wanted = (header ?? '')
    .slice(0, 1_000)
    .split(',')
    .map(part => {
      const [tag = '', ...parameters] = part.trim().split(';')
      const quality = Number(/^\s*q=([\d.]+)\s*$/.exec(parameters[0] ?? '')?.[1] ?? 1)
      return { language: tag.toLowerCase().split('-')[0]!, quality }
    })
    .filter(({ quality }) => quality > 0)
    .sort((one, other) => other.quality - one.quality)
  return wanted.map(({ language }) => language).find((language): language is PortalLocale => Object.hasOwn(catalogues, language)) ?? 'en'
}
