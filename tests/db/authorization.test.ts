import { describe, expect, test } from 'vitest'
import { as, service } from '../support/as.ts'
import { callsOf, describeRights } from '../support/authorization/database.ts'
import { matrix, rows, type ResourceName } from '../support/authorization/matrix.ts'

for (const name of Object.keys(matrix) as ResourceName[]) describeRights(name)

const tables = new Set(rows.flatMap(({ sql }) => sql?.table ?? []))

// A case for everything that a browser can reach: what nobody listed may be open to everybody.
describe('the authorization matrix reaches', () => {
  test('every table and view of public, and every table and view of private that a browser may read or write', async () => {
    const reachable = await as(
      service,
      sql => sql<{ name: string }[]>`
      select relnamespace::regnamespace || '.' || relname as name from pg_class
      where relkind in ('r', 'p', 'v', 'm') and (relnamespace = 'public'::regnamespace
        or relnamespace = 'private'::regnamespace and exists (
          select from unnest(array['anon', 'authenticated']) as role
          where has_table_privilege(role, pg_class.oid, 'select, insert, update, delete')
            or has_any_column_privilege(role, pg_class.oid, 'select, insert, update')))
      order by 1`
    )
    expect(reachable.length).toBeGreaterThan(20)
    expect(reachable.map(({ name }) => name).filter(name => !tables.has(name))).toEqual([])
  })

  test.each([
    ['anon', 'somebody who is not signed in', (name: string) => name === 'somebody who is not signed in'],
    ['authenticated', 'anybody signed in', (name: string) => name !== 'somebody who is not signed in']
  ])('the functions that the role %s may call, which are those of rows that allow something to %s', async (role, _, isOfRole) => {
    const callable = await as(
      service,
      sql => sql<{ name: string }[]>`
      select distinct case when pronamespace = 'portal'::regnamespace then 'portal.' else '' end || proname as name from pg_proc
      where pronamespace in ('public'::regnamespace, 'private'::regnamespace, 'portal'::regnamespace)
        and has_function_privilege(${role}, oid, 'execute')`
    )
    const column = role === 'anon' ? 'session' : 'client'
    const listed = rows.flatMap(({ sql, by }) => (sql && (by.some(isOfRole) || sql.clients?.includes(column)) ? callsOf(sql) : []))
    expect(callable.map(({ name }) => name).sort()).toEqual([...new Set(listed)].sort())
  })

  test('every kind of realtime channel, and every policy of realtime.messages', async () => {
    const channels = new Set(rows.flatMap(({ topic }) => topic?.channel ?? []))
    const named = await as(
      service,
      sql => sql<{ name: string }[]>`
      select proname as name from pg_proc where pronamespace = 'private'::regnamespace and proname like '%\_topic'
        and pg_get_function_arguments(oid) like '%epoch integer%' order by 1`
    )
    expect(named.map(({ name }) => name)).toEqual([...channels].sort())
    // A policy on a channel of another kind needs its rows, and its name here.
    const policies = await as(
      service,
      sql => sql<{ name: string }[]>`
        select policyname as name from pg_policies where schemaname = 'realtime' and tablename = 'messages' order by 1`
    )
    expect(policies.map(({ name }) => name)).toEqual([
      'switchboard_team_channel_presence',
      'switchboard_team_channel_read',
      'switchboard_user_channel_read'
    ])
  })

  test('every bucket of storage, and every policy of its objects', async () => {
    const buckets = new Set(rows.flatMap(({ object }) => object?.bucket ?? []))
    const existing = await as(service, sql => sql<{ id: string }[]>`select id from storage.buckets order by 1`)
    expect(existing.map(({ id }) => id).filter(id => !buckets.has(id))).toEqual([])
    expect(await as(service, sql => sql`select policyname from pg_policies where schemaname = 'storage'`)).toEqual([])
  })
})
