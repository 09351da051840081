import { globSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { countCases } from '../../support/authorization/cells.ts'
import { clients, hasContacts } from '../../support/authorization/principals.ts'
import { rows } from '../../support/authorization/matrix.ts'
import { readRouteFiles, rights } from '../../support/routes.ts'

describe('the authorization matrix', () => {
  test('has a row for every route of server/api, and none for a route that does not exist', () => {
    expect([...new Set(rows.flatMap(({ route }) => route?.request ?? []))].sort()).toEqual(readRouteFiles().sort())
  })

  test('says in each row how it can be tried', () => {
    expect(rows.filter(({ route, sql, topic, object }) => !(route ?? sql ?? topic ?? object)).map(({ does }) => does)).toEqual([])
  })

  test('has one row for an action: no two rows of a resource can be tried in the same way', () => {
    const ways = (['route', 'sql', 'topic', 'object'] as const).flatMap(way =>
      rows.filter(row => row[way]).map(({ resource, does, route }) => [resource, does, way, way === 'route' && route!.request].join(' '))
    )
    expect(ways.filter((way, index) => ways.indexOf(way) !== index)).toEqual([])
  })

  test('has no API key that may do more than the member it acts as', () => {
    expect(rows.filter(({ key, by }) => key && !by.includes('a member')).map(({ does }) => does)).toEqual([])
  })

  test('is generated for every resource with routes: a file of tests/api describes its rights', () => {
    const described = globSync('tests/api/*.test.ts').flatMap(file =>
      [...readFileSync(file, 'utf8').matchAll(/^describeRouteRights\('([\w-]+)'\)/gm)].map(match => match[1]!)
    )
    expect(described.sort()).toEqual(Object.keys(rights).sort())
  })

  test('has callers for the columns of clients as soon as the table public.contacts exists', () => {
    expect(clients.map(({ column }) => column).sort()).toEqual(hasContacts() ? ['client', 'session'] : [])
  })

  const cases = Object.entries(countCases())
  test(`generates at least 1,800 cases: ${cases.map(([way, count]) => `${way} ${count}`).join(', ')}`, () => {
    expect(cases.reduce((sum, [, count]) => sum + count, 0)).toBeGreaterThanOrEqual(1_800)
  })
})
