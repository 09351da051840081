import { describe, expect, test } from 'vitest'
import type { HolidayCountry, HolidayDate, HolidayFile } from '#shared/types/api'
import { api, expectError } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, bob } from '../support/world.ts'

describeRouteRights('holidays')

const path = `/teams/${acme.id}/holidays`

describe('holidays', () => {
  test('countries are listed with their regions', async () => {
    const { body } = await api<{ countries: HolidayCountry[] }>(bob, 'GET', `${path}/countries`)
    const germany = body.countries.find(({ code }) => code === 'DE')!
    expect(germany.name).toBe('Germany')
    expect(germany.regions).toContainEqual({ code: 'BY', name: 'Bayern' })
  })

  test('the public holidays of a region are listed for the given years', async () => {
    const { body } = await api<{ holidays: HolidayDate[] }>(bob, 'GET', `${path}?country=DE&region=BY&from=2026&until=2027`)
    expect(body.holidays).toContainEqual({ date: '2026-06-04', name: 'Fronleichnam' })
    expect(new Set(body.holidays.map(({ date }) => date.slice(0, 4)))).toEqual(new Set(['2026', '2027']))
    for (const query of ['', 'country=de', 'country=DE&from=2026', 'country=DE&from=2026&until=2040', 'country=DE&from=2027&until=2026'])
      expectError(await api(bob, 'GET', `${path}?${query}`), 400, 'invalid')
    expectError(await api(bob, 'GET', `${path}?country=XX`), 422, 'unknown_country')
  })

  test('the dates of a calendar file are answered, and a bad file is refused with a reason', async () => {
    const year = new Date().getUTCFullYear()
    const send = <T>(text: string) =>
      api<T>(adam, 'POST', `${path}/file`, undefined, { headers: { 'content-type': 'text/calendar' }, raw: text })
    const file = `BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART;VALUE=DATE:${year}1224\r\nSUMMARY:Ferié é\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n`
    expect((await send<HolidayFile>(file)).body).toEqual({
      holidays: [{ date: `${year}-12-24`, name: 'Ferié é' }],
      skipped: { outside: 0, observances: 0 }
    })
    expectError(await send('no calendar'), 422, 'calendar_file')
    expectError(await send('x'.repeat(1_000_001)), 413, 'too_large')
  })
})
