import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseFailure } from '#server/db/errors'
import { asService, asUser, type Claims } from '#server/db/identity'
import { closePool, configureDatabase, database as pool } from '#server/db/pool'
import { database, databaseUrl } from '../support/as.ts'
import { acme, ann } from '../support/world.ts'

beforeAll(() => {
  configureDatabase(databaseUrl(), 2)
})
afterAll(closePool)

describe('a lost connection', () => {
  test.each([
    ['in a query', true],
    ['between two queries', false]
  ] as const)(
    'a connection lost %s fails its work with 503, and the next work gets a new one',
    async (_, isInQuery) => {
      // More often than the pool has connections, so that each of them is replaced.
      for (let time = 0; time < 5; time++) {
        const lost = asService('a test', async db => {
          const {
            rows: [backend]
          } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(db)
          if (isInQuery) await sql`select pg_terminate_backend(pg_backend_pid())`.execute(db)
          else await database()`select pg_terminate_backend(${backend!.pid}, 5000)`
          await sql`select 1`.execute(db)
        })
        const error: unknown = await lost.then(
          () => undefined,
          (error: unknown) => error
        )
        expect(databaseFailure(error)).toMatchObject({ statusCode: 503, code: 'unavailable' })
        expect(await asService('a test', async db => (await sql<{ one: number }>`select 1 as one`.execute(db)).rows)).toEqual([{ one: 1 }])
      }
    },
    10_000
  )

  test('an idle connection that is lost is replaced', async () => {
    const pids = () =>
      Promise.all(
        [1, 2].map(() =>
          asService(
            'a test',
            async db => (await sql<{ pid: number }>`select pg_backend_pid() as pid from pg_sleep(0.05)`.execute(db)).rows[0]!.pid
          )
        )
      )
    const before = await pids()
    await database()`select pg_terminate_backend(pid, 5000) from unnest(${before}::int[]) as pid`
    const after = await pids()
    expect(after.filter(pid => before.includes(pid))).toEqual([])
  })
})

test('timestamps are read in UTC with microseconds', async () => {
  const rows = await asUser(
    { sub: ann.id },
    async db =>
      (
        await sql<{ at: string; none: string | null; list: string[] }>`
    select '2026-03-29 02:30:00.123456+02'::timestamptz as at, null::timestamptz as none,
    array[current_setting('TimeZone')] as list`.execute(db)
      ).rows
  )
  expect(rows).toEqual([{ at: '2026-03-29T00:30:00.123456Z', none: null, list: ['UTC'] }])
})

test('asUser with a teamId sees that team alone, and never more than the caller may see', async () => {
  const [one, two, nora] = [randomUUID(), randomUUID(), randomUUID()]
  await database()`insert into auth.users (id, email) values (${nora}, ${`nora-${nora}@pool.test`})`
  await database()`
    insert into public.teams (id, name, slug)
    values (${one}, 'One', ${`one-${one.slice(0, 8)}`}), (${two}, 'Two', ${`two-${two.slice(0, 8)}`})`
  await database()`insert into public.team_members (team_id, user_id, role) values (${one}, ${nora}, 'owner'), (${two}, ${nora}, 'owner')`
  try {
    const teamsOf = (options: Parameters<typeof asUser>[2], key?: Claims['api_key']) =>
      asUser(
        { sub: nora, api_key: key },
        async db => (await db.selectFrom('teams').select('id').execute()).map(({ id }) => id).sort(),
        options
      )
    expect(await teamsOf({})).toEqual([one, two].sort())
    expect(await teamsOf({ teamId: two })).toEqual([two])
    expect(await teamsOf({ teamId: acme.id }), 'teamId gives no access to a foreign team').toEqual([])
    expect(
      await teamsOf({ teamId: two }, { id: randomUUID(), team_id: one, scopes: ['read'] }),
      'teamId gives a key no access to another team'
    ).toEqual([one])
    expect(await teamsOf({}), 'teamId does not stay on the connection').toHaveLength(2)
  } finally {
    await database()`delete from public.teams where id in (${one}, ${two})`
    await database()`delete from auth.users where id = ${nora}`
  }
})

test('role and claims of a caller do not stay on the connection', async () => {
  await closePool()
  configureDatabase(databaseUrl(), 1)
  try {
    expect(await asUser({ sub: ann.id }, db => db.selectFrom('teams').select('id').execute())).toEqual([{ id: acme.id }])
    const { rows } = await sql<{ role: string; claims: string | null }>`
      select current_user as role, nullif(current_setting('request.jwt.claims', true), '') as claims`.execute(pool())
    expect(rows).toEqual([{ role: 'postgres', claims: null }])
  } finally {
    await closePool()
    configureDatabase(databaseUrl(), 2)
  }
})

describe('statements', () => {
  const prepared = sql<{
    statement: string
  }>`select statement from pg_prepared_statements where statement like '%probed%' order by statement`

  test('a statement with parameters is prepared once per connection; one without is not', async () => {
    const texts = await asUser({ sub: ann.id }, async db => {
      for (const value of [1, 2]) await sql`select ${value}::int as probed`.execute(db)
      await sql`select 3 as probed`.execute(db)
      return (await prepared.execute(db)).rows.map(({ statement }) => statement)
    })
    expect(texts).toEqual(['select $1::int as probed'])
  })

  test('the same statement accepts parameters of different types', async () => {
    const ask = (value: unknown) =>
      asUser({ sub: ann.id }, async db => (await sql<{ kind: string }>`select ${value}::text as kind`.execute(db)).rows[0])
    expect([await ask(1), await ask('one'), await ask(null)]).toEqual([{ kind: '1' }, { kind: 'one' }, { kind: null }])
  })

  test('the rows of a statement can be streamed through a cursor', async () => {
    const numbers = await asUser({ sub: ann.id }, async db => {
      const read: number[] = []
      const rows = db
        .selectFrom(sql<{ n: number }>`generate_series(1, ${5}::int)`.as<'series'>(sql`series (n)`))
        .select('n')
        .stream(2)
      for await (const { n } of rows) read.push(n)
      return read
    })
    expect(numbers).toEqual([1, 2, 3, 4, 5])
  })
})

describe('timeouts', () => {
  const settings = sql<{
    statement: string
    lock: string
    idle: string
  }>`
    select current_setting('statement_timeout') as statement, current_setting('lock_timeout') as lock,
    current_setting('idle_in_transaction_session_timeout') as idle`

  test.each([
    ['a request', {}, '8s'],
    ['an export', { timeout: 'export' }, '1min']
  ] as const)('the statement timeout of %s is set for its transaction only', async (_, options, statement) => {
    const within = await asUser({ sub: ann.id }, async db => (await settings.execute(db)).rows[0], options)
    expect(within).toEqual({ statement, lock: '6s', idle: '30s' })
    expect((await settings.execute(pool())).rows[0]).toMatchObject({ statement: '0', lock: '0' })
  })

  test('jobs have longer timeouts than requests', async () => {
    expect(await asService('a test', async db => (await settings.execute(db)).rows[0])).toEqual({
      statement: '5min',
      lock: '30s',
      idle: '2min'
    })
  })

  test('a statement timeout becomes a 503 with the code timeout', async () => {
    const error: unknown = await asUser({ sub: ann.id }, async db => {
      await sql`select set_config('statement_timeout', '50ms', true)`.execute(db)
      await sql`select pg_sleep(5)`.execute(db)
    }).catch((error: unknown) => error)
    expect(databaseFailure(error)).toEqual({ statusCode: 503, code: 'timeout', message: 'This took too long; try a narrower request' })
  })

  test('a lock timeout becomes a 503 with the code unavailable', async () => {
    const error: unknown = await database().begin(async held => {
      await held`lock table public.teams in access exclusive mode`
      return asUser({ sub: ann.id }, async db => {
        await sql`select set_config('lock_timeout', '50ms', true)`.execute(db)
        await db.selectFrom('teams').select('id').execute()
      }).catch((error: unknown) => error)
    })
    expect(databaseFailure(error)).toMatchObject({ statusCode: 503, code: 'unavailable' })
  })
})
