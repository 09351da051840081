import { calendar, calendarDetails, calendarPreview, holidayCountries, holidayFile, holidayList } from '#shared/schemas/answers/calendar'
import { calendarCreate, calendarUpdate, holidayQuery, previewQuery } from '#shared/schemas/calendar'
import { pageQuery } from '#shared/schemas/page'
import { deleted, json, list, type Noun } from '../describe'

const refusals = {
  409: '`name_taken`: another calendar has this name.',
  422: '`calendar_empty`: it would never be open. `calendar_limit`: a team has at most 50. `unknown_country`, `unknown_region`.'
}

export const calendars: Noun = {
  name: 'Calendars',
  description:
    'The hours in which a team works, with its holidays. A local time that clocks skip moves forward by the gap; of a time that exists ' +
    'twice, the first counts. A holiday closes a whole local date.',
  routes: {
    'GET /teams/[teamId]/calendars': {
      id: 'listCalendars',
      summary: 'List calendars',
      permission: 'sla.view',
      query: pageQuery,
      answers: { 200: list(calendar, "The team's calendars, by name.") }
    },
    'POST /teams/[teamId]/calendars': {
      id: 'createCalendar',
      summary: 'Add a calendar',
      description: 'With a country and without `holidays`, its public holidays are added.',
      permission: 'sla.manage',
      body: calendarCreate,
      answers: { 201: json(calendarDetails, 'The new calendar.') },
      refusals
    },
    'GET /teams/[teamId]/calendars/[calendarId]': {
      id: 'getCalendar',
      summary: 'Read a calendar',
      permission: 'sla.view',
      answers: { 200: json(calendarDetails, 'The calendar with its holidays.') }
    },
    'PATCH /teams/[teamId]/calendars/[calendarId]': {
      id: 'updateCalendar',
      summary: 'Change a calendar',
      description:
        'Lists replace what was there. A change of the country without `holidays` replaces its public holidays and keeps the others.',
      permission: 'sla.manage',
      ifMatch: true,
      body: calendarUpdate,
      answers: { 200: json(calendarDetails, 'The calendar as it is now.') },
      refusals: { ...refusals, 412: '`version`: somebody changed the calendar in the meantime. `data.current` is the calendar.' }
    },
    'DELETE /teams/[teamId]/calendars/[calendarId]': {
      id: 'deleteCalendar',
      summary: 'Delete a calendar',
      permission: 'sla.manage',
      answers: deleted,
      refusals: { 409: '`calendar_used`: an SLA policy counts its hours.' }
    },
    'GET /teams/[teamId]/calendars/[calendarId]/preview': {
      id: 'previewCalendar',
      summary: 'See when a calendar is open',
      description: 'Five weeks, by local date.',
      permission: 'sla.view',
      query: previewQuery,
      answers: { 200: json(calendarPreview, 'The open hours of each date, with its holiday.') }
    }
  }
}

export const holidays: Noun = {
  name: 'Holidays',
  description: 'Dates for the holidays of calendars: public holidays by country, and calendar files. Nothing is stored.',
  routes: {
    'GET /teams/[teamId]/holidays': {
      id: 'listHolidays',
      summary: 'List the public holidays of a country',
      permission: 'sla.view',
      query: holidayQuery,
      answers: { 200: json(holidayList, 'Public holidays, by date, in the language of the country.') },
      refusals: { 422: '`unknown_country`, `unknown_region`.' }
    },
    'GET /teams/[teamId]/holidays/countries': {
      id: 'listHolidayCountries',
      summary: 'List the countries with known public holidays',
      permission: 'sla.view',
      answers: { 200: json(holidayCountries, 'Countries and their regions.') }
    },
    'POST /teams/[teamId]/holidays/file': {
      id: 'readHolidayFile',
      summary: 'Read the dates of a calendar file',
      description:
        'The body is an iCalendar file (`.ics`) of at most 1 MB. Rules are expanded for ten years, to at most 2,000 dates. Send the dates as ' +
        '`holidays` of a calendar to keep them.',
      permission: 'sla.manage',
      file: ['text/calendar'],
      answers: { 200: json(holidayFile, 'The dates of its events.') },
      refusals: { 422: '`calendar_file`: the file cannot be read; the message says why.' }
    }
  }
}
