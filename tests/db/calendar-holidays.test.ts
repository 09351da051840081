import { expect, test } from 'vitest'
import { service, session } from '../support/as.ts'
import { acme } from '../support/world.ts'

test.each([
  ['a second holiday on a date', { date: '2026-12-25' }, '23505'],
  ['a source that does not exist', { source: 'guess' }, '23514'],
  ['a name of two lines', { name: 'a\nb' }, '23514'],
  ['a date before 1900', { date: '1899-12-31' }, '23514']
])('a calendar cannot have %s', (_, change, code) =>
  session(service, async ({ refusal }) => {
    const row = { team_id: acme.id, calendar_id: acme.calendar, date: '2027-01-01', name: 'New Year', source: 'manual', ...change }
    expect((await refusal(sql => sql`insert into calendar_holidays ${sql(row)}`)).code).toBe(code)
  })
)
