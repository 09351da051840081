import Holidays from 'date-holidays'
import type { TransactionSql } from 'postgres'
import { openIntervals } from '../../shared/sla/calendar.ts'

/** The calendar "Office Berlin": weekdays with a lunch break, and the public holidays of Bavaria. */
export async function loadCalendar(tx: TransactionSql, teamId: string, ownerId: string): Promise<void> {
  const hours = [1, 2, 3, 4, 5].flatMap(weekday => [
    { weekday, opens: '09:00', closes: '12:30' },
    { weekday, opens: '13:15', closes: '18:00' }
  ])
  const now = new Date()
  const [from, until] = [
    Date.UTC(now.getUTCFullYear() - 1, now.getUTCMonth(), 1),
    Date.UTC(now.getUTCFullYear() + 5, now.getUTCMonth() + 1, 1)
  ]
  const place = new Holidays('DE', 'BY', { types: ['public'] })
  const dates = new Map<string, string>()
  for (let year = now.getUTCFullYear() - 1; year <= new Date(until).getUTCFullYear(); year++)
    for (const { date, name } of place.getHolidays(year)) dates.set(date.slice(0, 10), name)
  const holidays = [...dates].map(([date, name]) => ({ date, name, source: 'country' }))
  const { intervals } = openIntervals({ time_zone: 'Europe/Berlin', hours, holidays }, from, until)
  const instants = (values: number[]) => values.map(value => new Date(value).toISOString())
  const [{ id }] = await tx<[{ id: string }]>`
    insert into public.calendars ${tx({ team_id: teamId, name: 'Office Berlin', time_zone: 'Europe/Berlin', country: 'DE', region: 'BY', covered_from: new Date(from), covered_until: new Date(until), time_zone_data: process.versions.tz!, created_by: ownerId })}
    returning id`
  await tx`insert into public.calendar_hours ${tx(hours.map(entry => ({ ...entry, team_id: teamId, calendar_id: id })))}`
  await tx`insert into public.calendar_holidays ${tx(holidays.map(entry => ({ ...entry, team_id: teamId, calendar_id: id })))}`
  await tx`select private.write_calendar_intervals(${id}, ${instants(intervals.map(({ opensAt }) => opensAt))}::timestamptz[], ${instants(intervals.map(({ closesAt }) => closesAt))}::timestamptz[])`
}
