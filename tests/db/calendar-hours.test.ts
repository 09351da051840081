import { expect, test } from 'vitest'
import { service, session } from '../support/as.ts'
import { acme } from '../support/world.ts'

test.each([
  ['a day behind Sunday', 8, '09:00', '10:00', '23514'],
  ['an end before the beginning', 1, '22:00', '06:00', '23514'],
  ['no time at all', 1, '09:00', '09:00', '23514'],
  ['a second beginning at the same time', 1, '00:00', '10:00', '23505']
])('hours of a calendar cannot have %s', (_, weekday, opens, closes, code) =>
  session(service, async ({ refusal }) => {
    const insert = { team_id: acme.id, calendar_id: acme.calendar, weekday, opens, closes }
    expect((await refusal(sql => sql`insert into calendar_hours ${sql(insert)}`)).code).toBe(code)
  })
)

test('the end of a day is 24:00', () =>
  session(service, async ({ sql }) => {
    const [row] = await sql`
      insert into calendar_hours (team_id, calendar_id, weekday, opens, closes) values (${acme.id}, ${acme.calendar}, 7, '22:00', '24:00')
      returning closes, to_char(closes, 'HH24:MI') as shown`
    expect(row).toEqual({ closes: '24:00:00', shown: '24:00' })
  }))
