import type { PortalPage } from '#shared/types/portal'

// A new format takes 0.1 ms, and each row of a list needs one. Languages and time zones are few.
const formats = new Map<string, Intl.DateTimeFormat>()

/** Writes instants for a client: in their language, and in their zone or in UTC, which is then named. */
export function portalTime({ locale, timeZone, client }: Pick<PortalPage, 'locale' | 'timeZone' | 'client'>): (instant: string) => string {
  const isZoneNamed = !client?.time_zone
  const key = `${locale} ${timeZone} ${isZoneNamed}`
  const format =
    formats.get(key) ??
    new Intl.DateTimeFormat(locale, {
      timeZone,
      day: 'numeric',
      month: 'short',
      year: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      ...(isZoneNamed ? { timeZoneName: 'short' } : {})
    })
  formats.set(key, format)
  return instant => format.format(new Date(instant))
}
