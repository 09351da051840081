import { acme, type TeamWorld } from '../world.ts'
import { everybody, managers } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const coverage = { from: '2026-01-01', until: '2027-01-01', time_zone_data: 'test' }
const state = { name: 'New', time_zone: 'UTC', hours: [{ weekday: 1, opens: '09:00', closes: '17:00' }], holidays: [] }

const ofCalendar = (team: TeamWorld) => ({ calendarId: team.calendar })

export const calendars: AuthorizationRow[] = [
  {
    does: 'lists calendars',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/calendars', status: 200 }
  },
  {
    does: 'sees when a calendar is open in the next weeks',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/calendars/[calendarId]/preview', status: 200, parameters: ofCalendar }
  },
  {
    does: 'reads a calendar',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/calendars/[calendarId]', status: 200, parameters: ofCalendar },
    sql: { table: 'public.calendars', run: sql => sql`select * from calendars where id = ${acme.calendar}` }
  },
  {
    does: 'reads the hours of a calendar',
    by: everybody,
    key: 'read',
    sql: { table: 'public.calendar_hours', run: sql => sql`select * from calendar_hours where calendar_id = ${acme.calendar}` }
  },
  {
    does: 'reads the holidays of a calendar',
    by: everybody,
    key: 'read',
    sql: { table: 'public.calendar_holidays', run: sql => sql`select * from calendar_holidays where calendar_id = ${acme.calendar}` }
  },
  {
    does: 'adds a calendar',
    by: managers,
    route: { request: 'POST /teams/[teamId]/calendars', status: 201, body: () => ({ name: 'New', time_zone: 'UTC', hours: state.hours }) },
    sql: {
      table: 'public.calendars',
      calls: 'save_calendar',
      run: sql => sql`
        select private.save_calendar(${acme.id}, null, null, ${sql.json(state)}, ${sql.json(coverage)}, '{2026-01-05 09:00Z}', '{2026-01-05 17:00Z}') as id`
    }
  },
  {
    does: 'changes a calendar',
    by: managers,
    route: {
      request: 'PATCH /teams/[teamId]/calendars/[calendarId]',
      status: 200,
      parameters: ofCalendar,
      body: () => ({ name: 'Other' })
    },
    sql: {
      table: 'public.calendars',
      calls: 'save_calendar',
      run: sql => sql`
        select private.save_calendar(${acme.id}, ${acme.calendar}, 1, ${sql.json(state)}, ${sql.json(coverage)}, '{2026-01-05 09:00Z}', '{2026-01-05 17:00Z}') as id`
    }
  },
  {
    does: 'deletes a calendar',
    by: managers,
    route: { request: 'DELETE /teams/[teamId]/calendars/[calendarId]', status: 204, parameters: ofCalendar },
    sql: { table: 'public.calendars', run: sql => sql`delete from calendars where id = ${acme.calendar} returning id` }
  },
  {
    does: 'deletes a calendar with delete_calendar()',
    by: managers,
    sql: {
      table: 'public.calendars',
      calls: 'delete_calendar',
      run: sql => sql`select private.delete_calendar(${acme.id}, ${acme.calendar})`
    }
  },
  // Hours, holidays and open intervals must agree, so nobody writes one of them alone.
  {
    does: 'adds a calendar without its open intervals',
    by: [],
    sql: {
      table: 'public.calendars',
      run: sql => sql`
        insert into calendars (team_id, name, time_zone, covered_from, covered_until, time_zone_data)
        values (${acme.id}, 'New', 'UTC', '2026-01-01', '2027-01-01', 'test') returning id`
    }
  },
  {
    does: 'moves a calendar to another zone without its open intervals',
    by: [],
    sql: {
      table: 'public.calendars',
      run: sql => sql`update calendars set time_zone = 'Asia/Tokyo' where id = ${acme.calendar} returning id`
    }
  },
  {
    does: 'adds hours to a calendar without its open intervals',
    by: [],
    sql: {
      table: 'public.calendar_hours',
      run: sql =>
        sql`insert into calendar_hours (team_id, calendar_id, weekday, opens, closes) values (${acme.id}, ${acme.calendar}, 7, '09:00', '10:00') returning weekday`
    }
  },
  {
    does: 'deletes hours of a calendar without its open intervals',
    by: [],
    sql: {
      table: 'public.calendar_hours',
      run: sql => sql`delete from calendar_hours where calendar_id = ${acme.calendar} returning weekday`
    }
  },
  {
    does: 'adds a holiday to a calendar without its open intervals',
    by: [],
    sql: {
      table: 'public.calendar_holidays',
      run: sql =>
        sql`insert into calendar_holidays (team_id, calendar_id, date, name, source) values (${acme.id}, ${acme.calendar}, '2026-12-27', 'x', 'manual') returning date`
    }
  },
  {
    does: 'deletes a holiday of a calendar without its open intervals',
    by: [],
    sql: {
      table: 'public.calendar_holidays',
      run: sql => sql`delete from calendar_holidays where calendar_id = ${acme.calendar} returning date`
    }
  }
]

export const holidays: AuthorizationRow[] = [
  {
    does: 'lists the countries with known public holidays',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/holidays/countries', status: 200 }
  },
  {
    does: 'lists the public holidays of a country',
    by: everybody,
    key: 'read',
    route: { request: 'GET /teams/[teamId]/holidays', status: 200, query: '?country=DE&region=BY' }
  },
  // Without a body, the file is refused behind the check of the permission.
  {
    does: 'reads the holidays of a file',
    by: managers,
    route: { request: 'POST /teams/[teamId]/holidays/file', status: 422 }
  }
]
