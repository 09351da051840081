import { addDays, dayStart } from '../utils/day'
import { openIntervals, type CalendarRules } from './calendar'

/** One local date of a calendar. Instants are milliseconds since 1970. */
export interface PreviewDay {
  /** YYYY-MM-DD. */
  date: string
  /** The name of the holiday on it. */
  holiday: string | null
  open: { opensAt: number; closesAt: number }[]
  openSeconds: number
}

interface PreviewRules extends CalendarRules {
  holidays: readonly { date: string; name: string }[]
}

/** When a calendar is open on `count` local dates from `first` (YYYY-MM-DD). Intervals end at midnight. */
export function previewDays(rules: PreviewRules, first: string, count: number): PreviewDay[] {
  const names = new Map(rules.holidays.map(({ date, name }) => [date, name]))
  const dates = Array.from({ length: count + 1 }, (_, index) => addDays(first, index))
  const starts = dates.map(date => dayStart(date, rules.time_zone))
  return dates.slice(0, -1).map((date, index) => {
    const { intervals } = openIntervals(rules, starts[index]!, starts[index + 1]!)
    return {
      date,
      holiday: names.get(date) ?? null,
      open: intervals.map(({ opensAt, closesAt }) => ({ opensAt, closesAt })),
      openSeconds: intervals.reduce((sum, { opensAt, closesAt }) => sum + (closesAt - opensAt) / 1000, 0)
    }
  })
}

/** The date (YYYY-MM-DD) in a time zone at an instant. */
export function localDate(at: number, timeZone: string): string {
  return new Intl.DateTimeFormat('sv', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at)
}
