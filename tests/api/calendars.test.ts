import { describe, expect, test } from 'vitest'
import type { TicketEvent } from '#shared/schemas/event'
import type { Calendar, CalendarDetails, CalendarPreview } from '#shared/types/api'
import { api, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, type TeamWorld } from '../support/world.ts'

describeRouteRights('calendars')

const path = (team: { id: string }) => `/teams/${team.id}/calendars`
const hours = [1, 2, 3, 4, 5].flatMap(weekday => [
  { weekday, opens: '09:00', closes: '12:30' },
  { weekday, opens: '13:15', closes: '18:00' }
])
const berlin = { name: 'Office Berlin', time_zone: 'Europe/Berlin', hours }
const add = async (team: TeamWorld, fields: object = {}) =>
  (await api<CalendarDetails>(adam, 'POST', path(team), { ...berlin, ...fields })).body
const addOpen = async (id: string, start: string, seconds: number) => {
  const [row] = await database()<[{ due: Date }]>`select private.add_open(${id}, ${start}, ${seconds}) as due`
  return row.due.toISOString()
}

describe('calendars', () => {
  test('a new calendar has the holidays of its region for the years that it covers, and counts open seconds at once', async () => {
    const team = await newTeam()
    const { status, body } = await api<CalendarDetails>(adam, 'POST', path(team), { ...berlin, country: 'DE', region: 'BY' })
    expect(status).toBe(201)
    expect(body).toMatchObject({ ...berlin, team_id: team.id, version: 1, country: 'DE', region: 'BY', created_by: adam.id })
    const year = new Date().getUTCFullYear()
    const epiphany = (year: number) => ({ date: `${year}-01-06`, name: 'Heilige Drei Könige', source: 'country' })
    for (const covered of [year - 1, year, year + 5]) expect(body.holidays).toContainEqual(epiphany(covered))
    expect(body.holiday_count).toBe(body.holidays.length)
    // Friday evening, and a weekend before Monday.
    expect(await addOpen(body.id, `${nextFriday()}T12:00:00+00:00`, 24 * 3600)).toMatch(/T\d\d:\d\d:00\.000Z$/)
    const { body: list } = await api<Calendar[]>(bob, 'GET', path(team))
    expect(list.map(({ name, holiday_count }) => [name, holiday_count])).toEqual([
      ['Day and night', 1],
      ['Office Berlin', body.holidays.length]
    ])
    expect(Object.keys(list[0]!)).not.toContain('holidays')
  })

  test('a change moves the open intervals, raises the version and is in the audit log', async () => {
    const team = await newTeam()
    const calendar = await add(team)
    const friday = nextFriday()
    const due = await addOpen(calendar.id, `${friday}T00:00:00Z`, 3600)
    const { status, body } = await api<CalendarDetails>(ann, 'PATCH', `${path(team)}/${calendar.id}`, {
      holidays: [{ date: friday, name: 'Outing' }]
    })
    expect(status).toBe(200)
    expect(body).toMatchObject({ version: 2, holidays: [{ date: friday, name: 'Outing', source: 'manual' }], hours })
    expect(Date.parse(await addOpen(calendar.id, `${friday}T00:00:00Z`, 3600)) - Date.parse(due)).toBe(3 * 86_400_000)
    const { body: events } = await api<TicketEvent[]>(ann, 'GET', `/teams/${team.id}/audit?type=calendar.updated`)
    expect(events).toMatchObject([
      {
        type: 'calendar.updated',
        from: { id: calendar.id, name: 'Office Berlin' },
        to: { id: calendar.id, name: 'Office Berlin', holidays: [{ date: friday, name: 'Outing' }] }
      }
    ])
  })

  test('a change of the country replaces its holidays and keeps the others', async () => {
    const team = await newTeam()
    const calendar = await add(team, { country: 'DE', region: 'BY' })
    const of = `${path(team)}/${calendar.id}`
    const holidays = [
      ...calendar.holidays.filter(({ date }) => !date.endsWith('-01-06')),
      { date: '2027-01-06', name: 'Own', source: 'manual' }
    ]
    const kept = (await api<CalendarDetails>(adam, 'PATCH', of, { holidays })).body
    expect(kept.holidays.filter(({ date }) => date.endsWith('-01-06'))).toEqual([{ date: '2027-01-06', name: 'Own', source: 'manual' }])
    const moved = (await api<CalendarDetails>(adam, 'PATCH', of, { country: 'FR' })).body
    expect(moved).toMatchObject({ country: 'FR', region: null })
    expect(moved.holidays).toContainEqual({ date: '2027-07-14', name: 'Fête Nationale de la France', source: 'country' })
    expect(moved.holidays).toContainEqual({ date: '2027-01-06', name: 'Own', source: 'manual' })
    expect(moved.holidays.map(({ date }) => date)).not.toContain('2027-10-03')
    const none = (await api<CalendarDetails>(adam, 'PATCH', of, { country: null })).body
    expect(none.holidays).toEqual([{ date: '2027-01-06', name: 'Own', source: 'manual' }])
    expectError(await api(adam, 'PATCH', of, { country: 'XX' }), 422, 'unknown_country')
    expectError(await api(adam, 'PATCH', of, { country: 'DE', region: 'XX' }), 422, 'unknown_region')
    expectError(await api(adam, 'PATCH', of, { region: 'BY' }), 422, 'unknown_country')
  })

  test('a change extends the calendar, with the public holidays of the new years', async () => {
    const team = await newTeam()
    const calendar = await add(team, { country: 'DE', region: 'BY', holidays: [] })
    const year = new Date().getUTCFullYear()
    await database()`update calendars set covered_until = ${new Date(Date.UTC(year + 1, 5))} where id = ${calendar.id}`
    const { body } = await api<CalendarDetails>(adam, 'PATCH', `${path(team)}/${calendar.id}`, { name: 'Other' })
    const epiphanies = body.holidays.filter(({ date }) => date.endsWith('-01-06')).map(({ date }) => Number(date.slice(0, 4)))
    expect(epiphanies.slice(0, 4)).toEqual([year + 2, year + 3, year + 4, year + 5])
    expect(await addOpen(calendar.id, `${year + 4}-01-01T00:00:00Z`, 1)).toContain(`${year + 4}-01-`)
  })

  test('a calendar that never opens is refused', async () => {
    const team = await newTeam()
    const every = Array.from({ length: 2_600 }, (_, index) => ({
      date: new Date(Date.now() + (index - 400) * 86_400_000).toISOString().slice(0, 10),
      name: 'Closed'
    }))
    expectError(await api(adam, 'POST', path(team), { ...berlin, holidays: every }), 422, 'calendar_empty')
    const calendar = await add(team)
    expectError(await api(adam, 'PATCH', `${path(team)}/${calendar.id}`, { holidays: every }), 422, 'calendar_empty')
  })

  test('a name is unique in its team, and a version that is no longer the newest is refused with the current calendar', async () => {
    const team = await newTeam()
    const calendar = await add(team)
    expectError(await api(adam, 'POST', path(team), berlin), 409, 'name_taken')
    const of = `${path(team)}/${calendar.id}`
    const at = (version: number) => ({ headers: { 'if-match': `"${version}"` } })
    expect((await api<Calendar>(adam, 'PATCH', of, { name: 'Berlin' }, at(1))).body.version).toBe(2)
    const stale = await api<{ data: { current: Calendar } }>(ann, 'PATCH', of, { name: 'Other' }, at(1))
    expectError(stale, 412, 'version')
    expect(stale.body.data.current).toMatchObject({ name: 'Berlin', version: 2 })
    expect((await api<Calendar>(adam, 'PATCH', of, {})).body.version).toBe(2)
  })

  test('the preview shows five weeks by local date, with holidays and hours over midnight', async () => {
    const team = await newTeam()
    const night = [
      { weekday: 5, opens: '22:00', closes: '24:00' },
      { weekday: 6, opens: '00:00', closes: '02:00' }
    ]
    const calendar = await add(team, { hours: night, holidays: [{ date: '2027-04-03', name: 'Closed' }] })
    const { body } = await api<CalendarPreview>(bob, 'GET', `${path(team)}/${calendar.id}/preview?from=2027-03-26`)
    expect(body.time_zone).toBe('Europe/Berlin')
    expect(body.days).toHaveLength(35)
    expect([...body.days.slice(0, 2), body.days[8]]).toEqual([
      {
        date: '2027-03-26',
        holiday: null,
        open: [{ opens_at: '2027-03-26T21:00:00.000Z', closes_at: '2027-03-26T23:00:00.000Z' }],
        open_seconds: 7200
      },
      {
        date: '2027-03-27',
        holiday: null,
        open: [{ opens_at: '2027-03-26T23:00:00.000Z', closes_at: '2027-03-27T01:00:00.000Z' }],
        open_seconds: 7200
      },
      { date: '2027-04-03', holiday: 'Closed', open: [], open_seconds: 0 }
    ])
    expect((await api<CalendarPreview>(bob, 'GET', `${path(team)}/${calendar.id}/preview`)).body.days).toHaveLength(35)
    expectError(await api(bob, 'GET', `${path(team)}/${calendar.id}/preview?from=2027-02-30`), 400, 'invalid')
  })

  test('a calendar says how many open clocks count its hours, also in the answer to a change', async () => {
    const team = await newTeam()
    const calendar = await add(team, {})
    expect(calendar.open_clocks).toBe(0)
    await api(adam, 'POST', `/teams/${team.id}/sla-policies`, {
      name: 'All',
      calendar_id: calendar.id,
      targets: { resolution: { normal: 3600 } }
    })
    await api(bob, 'POST', `/teams/${team.id}/tickets`, { subject: 'x', description: 'x' })
    const { body } = await api<CalendarDetails>(adam, 'PATCH', `${path(team)}/${calendar.id}`, { time_zone: 'Asia/Tokyo' })
    expect(body.open_clocks).toBe(1)
    const { body: log } = await api<TicketEvent[]>(adam, 'GET', `/teams/${team.id}/audit?type=calendar.updated`)
    expect(log[0]!.to).toMatchObject({ id: calendar.id, open_clocks: 1 })
  })

  test('a deleted calendar is not listed and answers 404', async () => {
    const team = await newTeam()
    expect((await api(adam, 'DELETE', `${path(team)}/${team.calendar}`)).status).toBe(204)
    expect((await api(adam, 'GET', path(team))).body).toEqual([])
    expectError(await api(adam, 'GET', `${path(team)}/${team.calendar}`), 404)
    expectError(await api(adam, 'DELETE', `${path(acme)}/${team.calendar}`), 404)
  })
})

/** A Friday in the next weeks that is no holiday of the tests. */
function nextFriday(): string {
  const now = Date.now()
  const days = ((5 - new Date(now).getUTCDay() + 7) % 7) + 7
  return new Date(now + days * 86_400_000).toISOString().slice(0, 10)
}
