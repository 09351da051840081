import type { PortalLocale } from '../types/portal'
import { de } from './portal/de'
import { en, type PortalTexts } from './portal/en'

const catalogues: Record<PortalLocale, PortalTexts> = { en, de }

export type { PortalTexts }

/** The sentences of the portal in a language. */
export function portalTexts(locale: PortalLocale): PortalTexts {
  return catalogues[locale]
}
