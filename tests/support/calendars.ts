import { randomUUID } from 'node:crypto'
import type { Sql, TransactionSql } from 'postgres'
import { openIntervals, type CalendarHours, type CalendarRules } from '#shared/sla/calendar'

const dayMs = 86_400_000

/** Monday to Friday from 09:00 to 17:00. */
export const officeHours: CalendarHours[] = [1, 2, 3, 4, 5].map(weekday => ({ weekday, opens: '09:00', closes: '17:00' }))

interface CalendarFields {
  id?: string
  name?: string
  created_by?: string | null
  rules?: CalendarRules
  /** The covered period; default: a year back and five years ahead. */
  from?: number
  until?: number
}

/** Inserts a calendar with its hours, holidays and open intervals, without row-level security, and returns its id. */
export async function insertCalendar(sql: Sql | TransactionSql, team_id: string, fields: CalendarFields = {}): Promise<string> {
  const today = Math.floor(Date.now() / dayMs) * dayMs
  const { id = randomUUID(), name = 'Office', created_by = null, from = today - 366 * dayMs, until = today + 1830 * dayMs } = fields
  const rules = fields.rules ?? { time_zone: 'UTC', hours: officeHours, holidays: [] }
  const { intervals } = openIntervals(rules, from, until)
  const instants = (values: number[]) => values.map(value => new Date(value).toISOString())
  await sql`insert into public.calendars ${sql({ id, team_id, name, created_by, time_zone: rules.time_zone, covered_from: new Date(from), covered_until: new Date(until), time_zone_data: process.versions.tz! })}`
  if (rules.hours.length > 0)
    await sql`insert into public.calendar_hours ${sql(rules.hours.map(entry => ({ ...entry, team_id, calendar_id: id })))}`
  if (rules.holidays.length > 0)
    await sql`insert into public.calendar_holidays ${sql(rules.holidays.map(({ date }) => ({ team_id, calendar_id: id, date, name: 'Holiday', source: 'manual' })))}`
  await sql`select private.write_calendar_intervals(${id}, ${instants(intervals.map(({ opensAt }) => opensAt))}::timestamptz[], ${instants(intervals.map(({ closesAt }) => closesAt))}::timestamptz[])`
  return id
}
