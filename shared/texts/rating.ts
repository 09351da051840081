import { textsOf, type Catalogue, type Translate } from './catalogue'
import type { Locale } from './locale'
import { de } from './rating/de'
import { en } from './rating/en'

export const ratingCatalogue: Catalogue<typeof en> = { en, de }

export type RatingTexts = Translate<typeof en>

/** The sentences of the page on which clients rate, and of the stars in the mail that leads to it. */
export function ratingTexts(locale: Locale | null): RatingTexts {
  return textsOf(ratingCatalogue, locale)
}
