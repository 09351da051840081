import type { Locale } from '#shared/texts/locale'

/** Somebody who reads articles outside of the team: what they may read, the SQL functions decide. `locale` is the language they want. */
export interface HelpReader {
  teamId: string
  locale: Locale
}
