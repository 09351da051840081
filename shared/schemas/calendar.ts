import { z } from './zod'
import { line, wholeNumber } from './text'
import { timeZone } from './team'

/** At most this many holidays in a calendar: fifty countries' worth, or a large file and one country. */
export const maxHolidays = 3_000

const opens = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Must be a time from 00:00 to 23:59')
const closes = z.string().regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, 'Must be a time from 00:01 to 24:00')

const calendarHours = z
  .strictObject({ weekday: z.number().int().min(1, 'Must be from 1 to 7').max(7, 'Must be from 1 to 7'), opens, closes })
  .refine(({ opens, closes }) => closes > opens, { path: ['closes'], message: 'Must be after the opening. Split hours over midnight' })
  .describe('`weekday` 1 is Monday. Times are local; `24:00` is the end of the day. Hours over midnight are two entries.')

const hours = z
  .array(calendarHours)
  .min(1, 'A calendar must be open at some time')
  .max(70, 'A calendar has at most 70 opening times')
  .refine(
    entries => entries.every((entry, index) => entries.every((other, place) => place <= index || !overlap(entry, other))),
    'Two opening times of a day overlap'
  )

export const calendarDate = z.iso
  .date('Must be a date, as in 2026-12-25')
  .refine(date => date >= '1900-01-01' && date <= '2199-12-31', 'Must be between 1900 and 2199')

/** Where a holiday of a calendar comes from: somebody wrote it, a file had it, or the public holidays of the country. */
export const holidaySources = ['manual', 'ics', 'country'] as const

const holiday = z.strictObject({
  date: calendarDate,
  name: line(200, 'Name'),
  source: z.enum(holidaySources, 'Either manual, ics or country').default('manual')
})

const holidays = z
  .array(holiday)
  .max(maxHolidays, `A calendar has at most ${maxHolidays.toLocaleString('en')} holidays`)
  .refine(entries => new Set(entries.map(({ date }) => date)).size === entries.length, 'A date is named twice')
  .describe('The whole list. Absent: the holidays stay, or follow the country if that changes.')

const country = z.string().regex(/^[A-Z]{2}$/, 'Must be a country code, as in DE')
const region = z.string().regex(/^[A-Za-z0-9]{1,20}(-[A-Za-z0-9]{1,20})?$/, 'Must be a code of GET /holidays/countries, as in BY')

const calendarFields = z.strictObject({
  name: line(100, 'Name'),
  time_zone: timeZone,
  hours,
  country: country.nullable().describe('Its public holidays are added for later years, too.'),
  region: region.nullable(),
  holidays
})

export const calendarCreate = calendarFields.extend({
  country: calendarFields.shape.country.default(null),
  region: calendarFields.shape.region.default(null),
  holidays: holidays.optional()
})

export const calendarUpdate = calendarFields.partial()

export const previewQuery = z.strictObject({
  from: calendarDate.optional().describe("The first local date; today in the calendar's zone by default.")
})

export const holidayQuery = z
  .strictObject({
    country,
    region: region.optional(),
    from: wholeNumber(1990, 2100).optional().describe('The first year; by default the years that a new calendar covers.'),
    until: wholeNumber(1990, 2100).optional().describe('The last year, at most ten years later.')
  })
  .refine(({ from, until }) => from === undefined || until === undefined || (until >= from && until <= from + 10), {
    path: ['until'],
    message: 'Must be at most ten years after from'
  })
  .refine(({ from, until }) => (from === undefined) === (until === undefined), { path: ['until'], message: 'Send both years or none' })

/** Two opening times of a day overlap; those that touch do not. */
function overlap(
  one: { weekday: number; opens: string; closes: string },
  other: { weekday: number; opens: string; closes: string }
): boolean {
  return one.weekday === other.weekday && one.opens < other.closes && other.opens < one.closes
}

export type CalendarCreate = z.output<typeof calendarCreate>
export type CalendarUpdate = z.output<typeof calendarUpdate>
export type HolidaySource = (typeof holidaySources)[number]
export type HolidayQuery = z.output<typeof holidayQuery>
