import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { databaseFailure } from '#server/db/errors'
import { asService, asUser } from '#server/db/identity'
import { open } from '#server/db/pool'
import { database } from '../support/as.ts'
import { acme, ann } from '../support/world.ts'

let pool: ReturnType<typeof open>

beforeAll(() => {
  pool = open(inject('databaseUrl'), 2)
})
afterAll(() => pool.close())

describe('a connection that is lost', () => {
  test.each([['in a query', true], ['between two queries', false]] as const)('%s fails its work at once, and the next work has another', async (_, isInQuery) => {
    // More often than the pool has connections: none of them stays lost.
    for (let time = 0; time < 5; time++) {
      const lost = asService('a test', async (db) => {
        const { rows: [backend] } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
        if (isInQuery) await sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)
        else await database()`select pg_terminate_backend(${backend!.pid}, 5000)`
        await sql`select 1`.execute(db)
      }, pool.kysely)
      const error: unknown = await lost.then(() => undefined, (error: unknown) => error)
      expect(databaseFailure(error)).toMatchObject({ statusCode: 503, code: 'unavailable' })
      expect(await asService('a test', async db => (await sql<{ one: number }>`select 1 as one`.execute(db)).rows, pool.kysely)).toEqual([{ one: 1 }])
    }
  }, 10_000)

  test('in the pool is replaced', async () => {
    const pids = () => Promise.all([1, 2].map(() => asService('a test', async db => (await sql<{ pid: number }>`select pg_backend_pid() as pid from pg_sleep(0.05)`.execute(db)).rows[0]!.pid, pool.kysely)))
    const before = await pids()
    await database()`select pg_terminate_backend(pid, 5000) from unnest(${before}::int[]) as pid`
    const after = await pids()
    expect(after.filter(pid => before.includes(pid))).toEqual([])
  })
})

test('times keep their microseconds, in UTC', async () => {
  const rows = await asUser({ sub: ann.id }, async db => (await sql<{ at: string, none: string | null, list: string[] }>`
    select '2026-03-29 02:30:00.123456+02'::timestamptz as at, null::timestamptz as none, array[current_setting('TimeZone')] as list`.execute(db)).rows, pool.kysely)
  expect(rows).toEqual([{ at: '2026-03-29T00:30:00.123456Z', none: null, list: ['UTC'] }])
})

test('nothing of a caller stays on the connection', async () => {
  const one = open(inject('databaseUrl'), 1)
  try {
    expect(await asUser({ sub: ann.id }, db => db.selectFrom('teams').select('id').execute(), one.kysely)).toEqual([{ id: acme.id }])
    const { rows } = await sql<{ role: string, claims: string | null }>`select current_user as role, nullif(current_setting('request.jwt.claims', true), '') as claims`.execute(one.kysely)
    expect(rows).toEqual([{ role: 'postgres', claims: null }])
  } finally {
    await one.close()
  }
})
