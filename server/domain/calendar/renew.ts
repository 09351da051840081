import { sql } from 'kysely'
import type { CalendarHours } from '#shared/sla/calendar'
import type { Db } from '../../db/types'
import { coveredYears, currentCoverage, storedIntervals, timeZoneData } from './coverage'
import { listPublicHolidays } from './holidays'

// Calendars cover five years at first and are extended when four are left: about once a year.
const extendBefore = '4 years'

interface OldCalendar {
  id: string
  team_id: string
  name: string
  time_zone: string
  version: number
  country: string | null
  region: string | null
  covered_from: string
  covered_until: string
  hours: CalendarHours[]
  holidays: { date: string; name: string }[]
}

/**
 * Computes the open intervals of one calendar again that ends in less than four years or was computed with other time zone data, and adds
 * the public holidays of the years that are new. Undefined: none is left. `hasMoved` says whether intervals of the future have moved.
 */
export async function renewNextCalendar(
  db: Db,
  done: readonly string[]
): Promise<{ id: string; name: string; hasMoved: boolean } | undefined> {
  const { rows } = await sql<OldCalendar>`
    select calendar.id, calendar.team_id, calendar.name, calendar.time_zone, calendar.version, calendar.country, calendar.region,
      calendar.covered_from, calendar.covered_until, state -> 'hours' as hours, state -> 'holidays' as holidays
    from public.calendars as calendar, private.calendar_state(calendar) as state
    where (calendar.covered_until < now() + ${extendBefore}::interval or calendar.time_zone_data <> ${timeZoneData})
      and calendar.id <> all (${done}::uuid[])
    order by calendar.id limit 1`.execute(db)
  const calendar = rows[0]
  if (!calendar) return
  const coverage = currentCoverage(Date.now(), Date.parse(calendar.covered_from))
  const added = await laterHolidays(calendar, coverage)
  const { opens, closes, ...stored } = storedIntervals({ ...calendar, holidays: [...calendar.holidays, ...added] }, coverage)
  const {
    rows: [result]
  } = await sql<{ has_moved: boolean }>`
    select private.renew_calendar(${calendar.id}, ${calendar.version}, ${JSON.stringify(added)}, ${stored.coverage}, ${opens}::timestamptz[],
      ${closes}::timestamptz[]) as has_moved`.execute(db)
  return { id: calendar.id, name: calendar.name, hasMoved: result!.has_moved }
}

// Holidays of years that were covered before are left as people have them.
async function laterHolidays({ country, region, covered_until }: OldCalendar, coverage: { from: number; until: number }) {
  const known = new Date(covered_until).getUTCFullYear()
  const { last } = coveredYears(coverage)
  return country && last > known ? listPublicHolidays({ country, region }, known + 1, last) : []
}
