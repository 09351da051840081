import { sql } from 'kysely'
import type { CalendarHours } from '#shared/sla/calendar'
import type { Db } from '../../db/types'
import { currentCoverage, storedIntervals, timeZoneData } from './coverage'
import { listLaterHolidays } from './holidays'

// Calendars cover five years at first and are extended when four are left: about once a year.
const extendBefore = '4 years'

interface OldCalendar {
  id: string
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
 * The ids of calendars that end in less than four years, or whose open intervals were computed with other time zone data. Of the deleted
 * ones, those that an open clock counts.
 */
export async function listDueCalendars(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from public.calendars
    where (covered_until < now() + ${extendBefore}::interval or time_zone_data <> ${timeZoneData})
      and (deleted_at is null or exists (select from public.sla_clocks as clock where clock.team_id = calendars.team_id
        and clock.calendar_id = calendars.id and clock.ended_at is null))
    order by id`.execute(db)
  return rows.map(({ id }) => id)
}

/**
 * Computes the open intervals of a calendar again, and adds the public holidays of the years that are new. Returns its name if intervals of
 * the future have moved.
 */
export async function renewCalendar(db: Db, calendarId: string): Promise<string | undefined> {
  const { rows } = await sql<OldCalendar>`
    select calendar.id, calendar.name, calendar.time_zone, calendar.version, calendar.country, calendar.region, calendar.covered_from,
      calendar.covered_until, state -> 'hours' as hours, state -> 'holidays' as holidays
    from public.calendars as calendar, private.calendar_state(calendar) as state where calendar.id = ${calendarId}`.execute(db)
  const calendar = rows[0]
  if (!calendar) return
  const coverage = currentCoverage(Date.now(), calendar)
  const added = await listLaterHolidays(calendar, coverage)
  const { opens, closes, ...stored } = storedIntervals({ ...calendar, holidays: [...calendar.holidays, ...added] }, coverage)
  const {
    rows: [result]
  } = await sql<{ has_moved: boolean }>`
    select private.renew_calendar(${calendar.id}, ${calendar.version}, ${JSON.stringify(added)}, ${stored.coverage}, ${opens}::timestamptz[],
      ${closes}::timestamptz[]) as has_moved`.execute(db)
  return result!.has_moved ? calendar.name : undefined
}
