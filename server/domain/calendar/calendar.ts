import { sql } from 'kysely'
import { localDate, previewDays } from '#shared/sla/preview'
import type { CalendarCreate, CalendarUpdate } from '#shared/schemas/calendar'
import type { PageQuery } from '#shared/schemas/page'
import type { Calendar, CalendarDetails, CalendarPreview, HolidayDate } from '#shared/types/api'
import type { Db } from '../../db/types'
import { alphabetical } from '../order'
import { listOf, type List } from '../page'
import { notFound, Refusal } from '../refusal'
import { coveredYears, currentCoverage, storedIntervals, type Coverage } from './coverage'
import { listLaterHolidays, listPublicHolidays } from './holidays'

const previewWeeks = 5

type Holidays = CalendarDetails['holidays']
type CalendarState = Pick<CalendarDetails, 'name' | 'time_zone' | 'country' | 'region' | 'hours' | 'holidays'>

export function listCalendars(db: Db, teamId: string, query: PageQuery): Promise<List<Calendar>> {
  return listOf(
    db,
    calendarRows(db, teamId)
      .orderBy(alphabetical(sql.ref('calendar.name')))
      .orderBy('calendar.id'),
    query
  )
}

export async function getCalendar(db: Db, teamId: string, calendarId: string): Promise<CalendarDetails> {
  const row = await calendarRows(db, teamId)
    .select([
      sql<CalendarDetails['holidays']>`(
        select coalesce(jsonb_agg(jsonb_build_object('date', entry.date, 'name', entry.name, 'source', entry.source) order by entry.date), '[]')
        from calendar_holidays as entry where entry.team_id = calendar.team_id and entry.calendar_id = calendar.id)`.as('holidays'),
      sql<number>`(
        select count(*)::integer from sla_clocks as clock
        where clock.team_id = calendar.team_id and clock.calendar_id = calendar.id and clock.state in ('pending', 'imminent', 'breached'))`.as(
        'open_clocks'
      )
    ])
    .where('calendar.id', '=', calendarId)
    .executeTakeFirst()
  if (!row) throw notFound()
  return row
}

/**
 * Adds the public holidays of its country unless `holidays` are given. Throws 409 for a taken name, 422 `calendar_empty`, `calendar_limit`,
 * `unknown_country` or `unknown_region`.
 */
export async function createCalendar(db: Db, teamId: string, fields: CalendarCreate): Promise<CalendarDetails> {
  const coverage = currentCoverage(Date.now())
  const holidays = fields.holidays ?? addHolidays([], await listCountryHolidays(fields, coverage))
  return saveCalendar(db, teamId, { id: null, version: null, coverage, state: { ...fields, holidays } })
}

/**
 * A change of the country replaces its public holidays unless `holidays` are given. Throws like `createCalendar`, 404, and 412 with the
 * current calendar if it has another version than `version`.
 */
export async function updateCalendar(
  db: Db,
  teamId: string,
  calendarId: string,
  changes: CalendarUpdate,
  version?: number
): Promise<CalendarDetails> {
  const current = await getCalendar(db, teamId, calendarId)
  if (version !== undefined && version !== current.version)
    throw new Refusal(412, 'version', 'Somebody changed this calendar in the meantime', { current })
  const covered = await db
    .selectFrom('calendars')
    .select(['covered_from', 'covered_until'])
    .where('team_id', '=', teamId)
    .where('id', '=', calendarId)
    .executeTakeFirstOrThrow()
  const coverage = currentCoverage(Date.now(), covered)
  const place = placeAfter(current, changes)
  const isMoved = place.country !== current.country || place.region !== current.region
  const known = changes.holidays ?? current.holidays
  const holidays = !isMoved
    ? addHolidays(known, await listLaterHolidays({ ...current, ...covered }, coverage))
    : (changes.holidays ?? addHolidays(withoutCountry(known), await listCountryHolidays(place, coverage)))
  return saveCalendar(db, teamId, {
    id: calendarId,
    version: current.version,
    coverage,
    state: { ...current, ...changes, ...place, holidays }
  })
}

/** Clocks that count its hours go on with them. Throws 404, and 409 `calendar_used` while a policy counts its hours. */
export async function deleteCalendar(db: Db, teamId: string, calendarId: string): Promise<void> {
  await sql`select private.delete_calendar(${teamId}, ${calendarId})`.execute(db)
}

/** Five weeks from the local date `from`; from today in the calendar's zone without it. */
export async function previewCalendar(db: Db, teamId: string, calendarId: string, from?: string): Promise<CalendarPreview> {
  const calendar = await getCalendar(db, teamId, calendarId)
  const days = previewDays(calendar, from ?? localDate(Date.now(), calendar.time_zone), previewWeeks * 7)
  const iso = (at: number) => new Date(at).toISOString()
  return {
    time_zone: calendar.time_zone,
    days: days.map(({ date, holiday, open, openSeconds }) => ({
      date,
      holiday,
      open: open.map(({ opensAt, closesAt }) => ({ opens_at: iso(opensAt), closes_at: iso(closesAt) })),
      open_seconds: openSeconds
    }))
  }
}

/** The region of another country is forgotten. */
function placeAfter(current: Calendar, { country, region }: CalendarUpdate): Pick<Calendar, 'country' | 'region'> {
  if (country === undefined || country === current.country)
    return { country: current.country, region: region ?? (region === null ? null : current.region) }
  return { country, region: country === null ? null : (region ?? null) }
}

function withoutCountry(holidays: Holidays): Holidays {
  return holidays.filter(({ source }) => source !== 'country')
}

/** Dates that the list has already stay as they are. */
function addHolidays(holidays: Holidays, dates: HolidayDate[]): Holidays {
  const known = new Set(holidays.map(({ date }) => date))
  return [...holidays, ...dates.filter(({ date }) => !known.has(date)).map(holiday => ({ ...holiday, source: 'country' as const }))]
}

async function listCountryHolidays({ country, region }: Pick<Calendar, 'country' | 'region'>, coverage: Coverage): Promise<HolidayDate[]> {
  if (!country) return []
  const { first, last } = coveredYears(coverage)
  return listPublicHolidays({ country, region }, first, last)
}

async function saveCalendar(
  db: Db,
  teamId: string,
  { id, version, coverage, state }: { id: string | null; version: number | null; coverage: Coverage; state: CalendarState }
): Promise<CalendarDetails> {
  const { name, time_zone, country, region, hours, holidays } = state
  if (region && !country) throw new Refusal(422, 'unknown_country', 'A region needs its country')
  const stored = storedIntervals({ time_zone, hours, holidays }, coverage)
  const { rows } = await sql<{ id: string }>`
    select private.save_calendar(${teamId}, ${id}, ${version}, ${JSON.stringify({ name, time_zone, country, region, hours, holidays })},
      ${stored.coverage}, ${stored.opens}::timestamptz[], ${stored.closes}::timestamptz[]) as id`.execute(db)
  return getCalendar(db, teamId, rows[0]!.id)
}

function calendarRows(db: Db, teamId: string) {
  return db
    .selectFrom('calendars as calendar')
    .select([
      'calendar.id',
      'calendar.team_id',
      'calendar.name',
      'calendar.time_zone',
      'calendar.version',
      'calendar.country',
      'calendar.region',
      sql<Calendar['hours']>`(
        select coalesce(jsonb_agg(jsonb_build_object('weekday', entry.weekday, 'opens', to_char(entry.opens, 'HH24:MI'),
          'closes', to_char(entry.closes, 'HH24:MI')) order by entry.weekday, entry.opens), '[]')
        from calendar_hours as entry where entry.team_id = calendar.team_id and entry.calendar_id = calendar.id)`.as('hours'),
      sql<number>`(
        select count(*)::integer from calendar_holidays as entry where entry.team_id = calendar.team_id and entry.calendar_id = calendar.id)`.as(
        'holiday_count'
      ),
      'calendar.created_by',
      'calendar.created_at',
      'calendar.updated_at'
    ])
    .where('calendar.team_id', '=', teamId)
}
