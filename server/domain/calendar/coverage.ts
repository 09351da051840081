import { openIntervals, type CalendarRules } from '#shared/sla/calendar'
import { Refusal } from '../refusal'

/** The period for which the open intervals of a calendar are stored. Instants are milliseconds since 1970. */
export interface Coverage {
  from: number
  until: number
}

/** From a year ago to five years ahead, in whole months of UTC. What was covered before stays covered: clocks may run there. */
export function currentCoverage(now: number, before?: { covered_from: string; covered_until: string }): Coverage {
  const date = new Date(now)
  const from = Date.UTC(date.getUTCFullYear() - 1, date.getUTCMonth(), 1)
  const until = Date.UTC(date.getUTCFullYear() + 5, date.getUTCMonth() + 1, 1)
  if (!before) return { from, until }
  return { from: Math.min(from, Date.parse(before.covered_from)), until: Math.max(until, Date.parse(before.covered_until)) }
}

/** The years of a covered period, first and last. */
export function coveredYears({ from, until }: Coverage): { first: number; last: number } {
  return { first: new Date(from).getUTCFullYear(), last: new Date(until).getUTCFullYear() }
}

/** The arguments of private.save_calendar() and private.renew_calendar(). Throws 422 `calendar_empty` if the calendar never opens. */
export function storedIntervals(rules: CalendarRules, { from, until }: Coverage) {
  const { intervals } = openIntervals(rules, from, until)
  if (intervals.length === 0) throw new Refusal(422, 'calendar_empty', 'This calendar would never be open: its holidays close every day')
  const iso = (at: number) => new Date(at).toISOString()
  return {
    coverage: JSON.stringify({ from: iso(from), until: iso(until), time_zone_data: timeZoneData }),
    opens: intervals.map(({ opensAt }) => iso(opensAt)),
    closes: intervals.map(({ closesAt }) => iso(closesAt))
  }
}

/** The version of the time zone data of this process, for example 2026a. */
export const timeZoneData = process.versions.tz!
