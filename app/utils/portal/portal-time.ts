import type { PortalPage } from '#shared/types/portal'

/** Writes instants for a client: in their language, and in their zone or in UTC, which is then named. */
export function portalTime({ locale, timeZone, client }: Pick<PortalPage, 'locale' | 'timeZone' | 'client'>): (instant: string) => string {
  const format = new Intl.DateTimeFormat(locale, {
    timeZone,
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
    ...(client?.time_zone ? {} : { timeZoneName: 'short' })
  })
  return instant => format.format(new Date(instant))
}
