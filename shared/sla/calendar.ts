import { CalendarDateTime } from '@internationalized/date'

/** When a calendar is open on a day of the week, in local time: `HH:MM`, and `24:00` for the end of the day. */
export interface CalendarHours {
  /** ISO 8601: 1 is Monday. */
  weekday: number
  opens: string
  closes: string
}

/** The rules from which open intervals follow. */
export interface CalendarRules {
  time_zone: string
  hours: readonly CalendarHours[]
  /** Local dates (YYYY-MM-DD) on which the calendar is closed. */
  holidays: readonly { date: string }[]
}

/** Instants are milliseconds since 1970. */
export interface OpenInterval {
  opensAt: number
  closesAt: number
  /** Open seconds of all earlier intervals. */
  beforeSeconds: number
}

/** The open intervals of a period, in order; they neither overlap nor touch. Nothing is known outside of the period. */
export interface OpenPeriod {
  from: number
  until: number
  intervals: readonly OpenInterval[]
}

/** The period does not reach so far. SQL raises PT422 `calendar_horizon`. */
export class CalendarHorizonError extends RangeError {
  override name = 'CalendarHorizonError'
}

const dayMs = 86_400_000

/**
 * When a calendar is open between two instants. This is the only function that turns local times of calendars into instants, by the rule
 * "compatible" of Temporal: a time that clocks skip moves forward by the gap, and of a time that exists twice, the first counts. A date that
 * the zone skipped has no hours. Throws RangeError for an unknown zone.
 */
export function openIntervals({ time_zone, hours, holidays }: CalendarRules, from: number, until: number): OpenPeriod {
  const closed = new Set(holidays.map(({ date }) => date))
  const minutes = hours.map(({ weekday, opens, closes }) => ({ weekday, opens: minutesOf(opens), closes: minutesOf(closes) }))
  const windows: { opensAt: number; closesAt: number }[] = []
  // A zone is less than a day from UTC.
  const last = Math.floor(until / dayMs) + 1
  let start = instantOf(Math.floor(from / dayMs) - 1, 0, time_zone)
  for (let day = Math.floor(from / dayMs) - 1; day <= last; day++) {
    const next = instantOf(day + 1, 0, time_zone)
    // No zone changes its clocks twice on a day, so on a day of 24 hours all local times are as far from its start as on a clock.
    const at = next - start === dayMs ? (minute: number) => start + minute * 60_000 : (minute: number) => instantOf(day, minute, time_zone)
    if (next > start && !closed.has(new Date(day * dayMs).toISOString().slice(0, 10)))
      for (const { weekday, opens, closes } of minutes)
        if (weekday === weekdayOf(day)) windows.push({ opensAt: Math.max(at(opens), from), closesAt: Math.min(at(closes), until) })
    start = next
  }
  return { from, until, intervals: merge(windows) }
}

/**
 * The instant after so many open seconds. What ends exactly at closing time is due then, not at the next opening. For 0 seconds: the start
 * itself if the calendar is open then, else the next opening. Null is a calendar that is always open. Fractions of a second of the start
 * are cut. Throws CalendarHorizonError, and RangeError for a negative number of seconds. `private.add_open()` is the same in SQL.
 */
export function addOpen(period: OpenPeriod | null, start: number, seconds: number): number {
  const began = cut(start)
  if (seconds < 0) throw new RangeError('Cannot add a negative number of seconds')
  if (!period) return began + seconds * 1000
  const { intervals } = period
  requireCovered(period, began)
  const position = lastIndex(intervals, ({ opensAt }) => opensAt <= began)
  const current = intervals[position]
  if (seconds === 0) {
    if (current && began < current.closesAt) return began
    const next = intervals[position + 1]
    if (!next) throw new CalendarHorizonError('The calendar does not cover so much time')
    return next.opensAt
  }
  const goal = seconds + openBefore(current, began)
  const target = intervals[lastIndex(intervals, ({ beforeSeconds }) => beforeSeconds < goal)]
  const due = target && target.opensAt + (goal - target.beforeSeconds) * 1000
  if (due === undefined || due > target!.closesAt) throw new CalendarHorizonError('The calendar does not cover so much time')
  return due
}

/** The open seconds from a to b; 0 if b is not after a. Throws CalendarHorizonError. `private.open_between()` is the same in SQL. */
export function openBetween(period: OpenPeriod | null, a: number, b: number): number {
  const [began, ended] = [cut(a), cut(b)]
  if (ended <= began) return 0
  if (!period) return (ended - began) / 1000
  const { intervals } = period
  requireCovered(period, began)
  requireCovered(period, ended)
  const before = (at: number) => openBefore(intervals[lastIndex(intervals, ({ opensAt }) => opensAt <= at)], at)
  return before(ended) - before(began)
}

/** 1 (Monday) to 7, of a day counted from 1970-01-01, which was a Thursday. */
function weekdayOf(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5))
}

function instantOf(day: number, minute: number, timeZone: string): number {
  const date = new Date(day * dayMs + minute * 60_000) // 24:00 is 00:00 of the next day
  return new CalendarDateTime(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate(), date.getUTCHours(), date.getUTCMinutes())
    .toDate(timeZone, 'compatible')
    .getTime()
}

// Where clocks change, windows can be empty, overlap or change their order.
function merge(windows: { opensAt: number; closesAt: number }[]): OpenInterval[] {
  const merged: OpenInterval[] = []
  let seconds = 0
  for (const { opensAt, closesAt } of windows.filter(window => window.opensAt < window.closesAt).sort((a, b) => a.opensAt - b.opensAt)) {
    const previous = merged.at(-1)
    if (previous && opensAt <= previous.closesAt) {
      if (closesAt <= previous.closesAt) continue
      seconds += (closesAt - previous.closesAt) / 1000
      previous.closesAt = closesAt
    } else {
      merged.push({ opensAt, closesAt, beforeSeconds: seconds })
      seconds += (closesAt - opensAt) / 1000
    }
  }
  return merged
}

function cut(at: number): number {
  return Math.floor(at / 1000) * 1000
}

function requireCovered({ from, until }: OpenPeriod, at: number): void {
  if (at < from || at > until) throw new CalendarHorizonError(`The calendar does not cover ${new Date(at).toISOString()}`)
}

function openBefore(interval: OpenInterval | undefined, at: number): number {
  return interval ? interval.beforeSeconds + (Math.min(at, interval.closesAt) - interval.opensAt) / 1000 : 0
}

// The last interval for which the condition holds, which must hold for none behind the first that lacks it; -1 if there is none.
function lastIndex(intervals: readonly OpenInterval[], holds: (interval: OpenInterval) => boolean): number {
  let [low, high] = [0, intervals.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (holds(intervals[middle]!)) low = middle + 1
    else high = middle
  }
  return low - 1
}
