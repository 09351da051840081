import { serverNow } from './server-time'

const units: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60]
]

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** "2 hours ago", "in 3 days", or "just now" within a minute. Future times are rounded, past ones truncated. `now` is in milliseconds. */
export function relativeTime(iso: string, now = serverNow()): string {
  const seconds = (Date.parse(iso) - now) / 1000
  if (Number.isNaN(seconds)) return ''
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return relative.format(seconds > 0 ? Math.round(seconds / length) : Math.trunc(seconds / length), unit)
  }
  return 'just now'
}

/** Date and time in the reader's time zone and locale. */
export function exactTime(iso: string): string {
  const date = new Date(iso)
  return Number.isNaN(date.getTime()) ? '' : new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' }).format(date)
}

/** The time for a moment of today, otherwise date and time, in the reader's time zone and locale. */
export function timeOrDate(iso: string, now = serverNow()): string {
  const date = new Date(iso)
  if (date.toDateString() !== new Date(now).toDateString()) return exactTime(iso)
  return new Intl.DateTimeFormat(undefined, { timeStyle: 'short' }).format(date)
}
