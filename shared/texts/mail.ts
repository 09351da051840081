import { textsOf, type Catalogue, type Translate } from './catalogue'
import type { Locale } from './locale'
import { de } from './mail/de'
import { en } from './mail/en'

export const mailCatalogue: Catalogue<typeof en> = { en, de }

export type MailTexts = Translate<typeof en>

/** The sentences of mails to clients. */
export function mailTexts(locale: Locale | null): MailTexts {
  return textsOf(mailCatalogue, locale)
}
