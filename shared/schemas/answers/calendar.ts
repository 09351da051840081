import { count, day, id, timestamp } from '../answer'
import { holidaySources } from '../calendar'
import { z } from '../zod'

const hours = z.object({
  weekday: z.int().describe('1 is Monday.'),
  opens: z.string(),
  closes: z.string().describe('`24:00` is the end of the day.')
})

const dated = z.object({ date: day, name: z.string() })

const calendarRow = z.object({
  id,
  team_id: id,
  name: z.string(),
  time_zone: z.string(),
  version: z.int().describe('Raised by each change.'),
  country: z.string().nullable().describe('The country whose public holidays are added for later years.'),
  region: z.string().nullable(),
  hours: z.array(hours).describe('Local times. Hours over midnight are two entries.'),
  holiday_count: count,
  created_by: id.nullable(),
  created_at: timestamp,
  updated_at: timestamp
})

export const calendar = calendarRow.meta({ id: 'Calendar', description: 'The hours in which a team works.' })

export const calendarDetails = calendarRow
  .extend({
    holidays: z.array(dated.extend({ source: z.enum(holidaySources) })).describe('By date. The calendar is closed on them.'),
    open_clocks: count.describe('How many open SLA clocks count its hours. After a change, a job counts them anew.')
  })
  .meta({ id: 'CalendarDetails', description: 'A calendar with its holidays.' })

export const calendarPreview = z
  .object({
    time_zone: z.string(),
    days: z.array(
      z.object({
        date: day,
        holiday: z.string().nullable(),
        open: z.array(z.object({ opens_at: timestamp, closes_at: timestamp })),
        open_seconds: count
      })
    )
  })
  .meta({ id: 'CalendarPreview', description: 'When a calendar is open in five weeks, by local date.' })

const place = z.object({ code: z.string(), name: z.string() })

export const holidayCountries = z
  .object({ countries: z.array(place.extend({ regions: z.array(place) })) })
  .meta({ id: 'HolidayCountries', description: 'Countries with known public holidays, by name, with their regions.' })

export const holidayList = z.object({ holidays: z.array(dated) }).meta({ id: 'HolidayList', description: 'Public holidays, by date.' })

export const holidayFile = z
  .object({
    holidays: z.array(dated),
    skipped: z.object({
      outside: count.describe('Dates before the last year, or more than ten years ahead.'),
      observances: count.describe('Events that their calendar describes as an observance, not a public holiday.')
    })
  })
  .meta({ id: 'HolidayFile', description: 'The dates of a calendar file.' })

export type Calendar = z.output<typeof calendar>
export type CalendarDetails = z.output<typeof calendarDetails>
export type CalendarPreview = z.output<typeof calendarPreview>
export type HolidayCountry = z.output<typeof holidayCountries>['countries'][number]
export type HolidayDate = z.output<typeof dated>
export type HolidayFile = z.output<typeof holidayFile>
