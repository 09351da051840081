import { calendarCreate, type HolidaySource } from '#shared/schemas/calendar'
import { z } from '#shared/schemas/zod'
import type { CalendarHours } from '#shared/sla/calendar'
import type { CalendarDetails } from '#shared/types/api'
import { noChoice } from '../contact/contact-form'
import { weekdayName } from './calendar-hours'

/** Opening hours as people write them: an end that is not behind the beginning is on the next day, and 00:00 is midnight. */
export interface OpeningTime {
  opens: string
  closes: string
}

export interface Holiday {
  date: string
  name: string
  source: HolidaySource
}

export interface CalendarFields {
  name: string
  time_zone: string
  /** The windows of Monday to Sunday. */
  week: OpeningTime[][]
  country: string
  region: string
  holidays: Holiday[]
}

const windowFields = z.object({ opens: z.string(), closes: z.string() })

/** The form for a calendar; its output is the body of a request. */
export const calendarFormSchema = z
  .object({
    name: calendarCreate.shape.name,
    time_zone: calendarCreate.shape.time_zone,
    week: z.array(z.array(windowFields)),
    country: z.string(),
    region: z.string(),
    holidays: z.array(z.object({ date: z.string(), name: z.string(), source: z.enum(['manual', 'ics', 'country']) }))
  })
  .check(({ value: { week }, issues }) => {
    const message = weekIssue(week)
    if (message) issues.push({ code: 'custom', path: ['week'], message, input: week })
  })
  .transform(({ week, country, region, ...fields }) => ({
    ...fields,
    hours: toHours(week),
    country: country === noChoice ? null : country,
    region: region === noChoice ? null : region
  }))

export type CalendarBody = z.output<typeof calendarFormSchema>

/** A new calendar is open from Monday to Friday, in the zone of the team. */
export function calendarFields(calendar: CalendarDetails | null, teamZone: string): CalendarFields {
  if (!calendar) {
    const week = Array.from({ length: 7 }, (_, day) => (day < 5 ? [{ opens: '09:00', closes: '17:00' }] : []))
    return { name: '', time_zone: teamZone, week, country: noChoice, region: noChoice, holidays: [] }
  }
  const { name, time_zone, hours, country, region, holidays } = calendar
  return { name, time_zone, week: toWeek(hours), country: country ?? noChoice, region: region ?? noChoice, holidays }
}

/** What is wrong with the hours; null if nothing is. */
export function weekIssue(week: OpeningTime[][]): string | null {
  for (const [day, windows] of week.entries()) {
    if (windows.some(({ opens, closes }) => !opens || !closes)) return `${weekdayName(day + 1)} has hours without a beginning or end`
    if (windows.some(({ opens, closes }) => opens === closes && opens !== '00:00'))
      return `Hours of ${weekdayName(day + 1)} end when they begin`
  }
  const hours = toHours(week)
  if (hours.length === 0) return 'A calendar must be open at some time'
  const overlapping = hours.find((entry, index) =>
    hours.some(
      (other, place) => place < index && other.weekday === entry.weekday && other.opens < entry.closes && entry.opens < other.closes
    )
  )
  return overlapping ? `Two opening times overlap on ${weekdayName(overlapping.weekday)}` : null
}

/** Splits hours over midnight. Incomplete windows are left out. */
export function toHours(week: OpeningTime[][]): CalendarHours[] {
  return week.flatMap((windows, day) =>
    windows.flatMap(({ opens, closes }) => {
      if (!opens || !closes) return []
      const weekday = day + 1
      if (closes > opens) return [{ weekday, opens, closes }]
      const evening = { weekday, opens, closes: '24:00' }
      return closes === '00:00' ? [evening] : [evening, { weekday: (weekday % 7) + 1, opens: '00:00', closes }]
    })
  )
}

/** Joins hours over midnight, unless the day after is open until its own end: whole days stay as they are. */
export function toWeek(hours: readonly CalendarHours[]): OpeningTime[][] {
  const sorted = hours.toSorted((a, b) => (a.opens < b.opens ? -1 : 1))
  const of = (weekday: number) => sorted.filter(entry => entry.weekday === weekday)
  const morningAfter = ({ weekday, opens, closes }: CalendarHours) =>
    closes === '24:00' && opens > '00:00' ? of((weekday % 7) + 1).find(next => next.opens === '00:00' && next.closes < opens) : undefined
  const joined = new Set(sorted.flatMap(entry => morningAfter(entry) ?? []))
  return Array.from({ length: 7 }, (_, day) =>
    of(day + 1)
      .filter(entry => !joined.has(entry))
      .map(entry => ({ opens: entry.opens, closes: morningAfter(entry)?.closes ?? (entry.closes === '24:00' ? '00:00' : entry.closes) }))
  )
}

/** Adds dates that the list does not have yet, by date. Those of `source` replace all earlier ones of that source if `isWhole`. */
export function mergeHolidays(
  holidays: Holiday[],
  dates: { date: string; name: string }[],
  source: HolidaySource,
  isWhole = false
): Holiday[] {
  const kept = isWhole ? holidays.filter(holiday => holiday.source !== source) : holidays
  const known = new Set(kept.map(({ date }) => date))
  const added = dates.filter(({ date }) => !known.has(date)).map(({ date, name }) => ({ date, name, source }))
  return [...kept, ...added].sort((a, b) => (a.date < b.date ? -1 : 1))
}
