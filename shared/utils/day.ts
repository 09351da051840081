/**
 * The first instant (milliseconds since 1970) of a day (YYYY-MM-DD) in a time zone, like `private.day_start()` in SQL.
 * If clocks go back over midnight, it is the earlier of the two midnights; if they go forward over midnight, the day starts later,
 * and a day that the zone skipped starts with the next one. Throws RangeError for an unknown zone or an invalid day.
 */
export function dayStart(day: string, timeZone: string): number {
  const midnight = Date.parse(`${day}T00:00:00Z`)
  // All offsets in use around that midnight; zones are at most 15 hours from UTC.
  const offsets = [-36, -12, 12, 36].map(hours => offsetAt(midnight + hours * 3_600_000, timeZone))
  const candidates = [...new Set(offsets.map(offset => midnight - offset))].filter(at => at + offsetAt(at, timeZone) >= midnight)
  return Math.min(...candidates)
}

/** The day (YYYY-MM-DD) that is `days` after another. */
export function addDays(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)
}

/** Milliseconds by which a zone is ahead of UTC at an instant. */
function offsetAt(at: number, timeZone: string): number {
  const parts = Object.fromEntries(
    formatOf(timeZone)
      .formatToParts(at)
      .map(({ type, value }) => [type, value])
  )
  const year = parts.era === 'BC' ? 1 - Number(parts.year) : Number(parts.year)
  const local = new Date(0)
  local.setUTCFullYear(year, Number(parts.month) - 1, Number(parts.day))
  local.setUTCHours(Number(parts.hour), Number(parts.minute), Number(parts.second))
  return local.getTime() - Math.floor(at / 1000) * 1000
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric'
    })
    formats.set(timeZone, format)
  }
  return format
}
