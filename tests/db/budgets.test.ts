import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { as, service, session } from '../support/as.ts'
import { acme, bob } from '../support/world.ts'

interface Budget {
  remaining: number
  reset: number
  wait: number | null
}

const take = async (sql: TransactionSql, subject = 'user:bob', cost = 1) =>
  (await sql<Budget[]>`select * from private.take_budget('test', ${subject}, 60, '1 minute', 5, ${cost})`)[0]!
const read = async (sql: TransactionSql, subject = 'user:bob') =>
  (await sql<Budget[]>`select * from private.read_budget('test', ${subject}, 60, '1 minute', 5)`)[0]!
/** Moves every budget back by so many seconds, as if they had passed. */
const passSeconds = (sql: TransactionSql, seconds: number) =>
  sql`update private.budgets set whole_at = whole_at - make_interval(secs => ${seconds})`

describe('a budget of 60 a minute with a burst of 5', () => {
  test('an empty budget refuses and answers the seconds to wait', () =>
    as(service, async sql => {
      for (const remaining of [4, 3, 2, 1, 0]) expect(await take(sql)).toMatchObject({ remaining, wait: null })
      const refused = await take(sql)
      expect(refused).toMatchObject({ remaining: 0, wait: expect.any(Number) as number })
      expect(refused.wait).toBeGreaterThan(0.5)
      expect(refused.wait).toBeLessThanOrEqual(1)
      expect(refused.reset).toBeGreaterThan(4)
      expect(refused.reset).toBeLessThanOrEqual(5)
      expect((await take(sql)).wait, 'a refusal spends nothing').toBeLessThanOrEqual(1)
    }))

  test('a budget refills by one a second, up to its burst', () =>
    as(service, async sql => {
      for (let count = 0; count < 5; count++) await take(sql)
      await passSeconds(sql, 2)
      expect((await take(sql)).wait).toBeNull()
      expect((await take(sql)).wait).toBeNull()
      expect((await take(sql)).wait).not.toBeNull()
      await passSeconds(sql, 86_400)
      expect(await take(sql)).toMatchObject({ remaining: 4 })
    }))

  test('each subject has its own budget', () =>
    as(service, async sql => {
      for (let count = 0; count < 6; count++) await take(sql)
      expect(await take(sql, 'user:ann')).toMatchObject({ remaining: 4, wait: null })
    }))

  test('a request may cost several units; a cost above the burst takes the whole budget', () =>
    as(service, async sql => {
      expect(await take(sql, 'a', 3)).toMatchObject({ remaining: 2, wait: null })
      expect((await take(sql, 'a', 3)).wait).toBeGreaterThan(0.5)
      expect(await take(sql, 'b', 500)).toMatchObject({ remaining: 0, wait: null })
      expect((await take(sql, 'b', 500)).wait).toBeGreaterThan(4)
    }))

  test('read_budget answers what is left without spending it', () =>
    as(service, async sql => {
      expect(await read(sql)).toEqual({ remaining: 5, reset: 0, wait: null })
      for (let count = 0; count < 5; count++) await take(sql)
      expect(await read(sql)).toMatchObject({ remaining: 0, wait: expect.any(Number) as number })
      expect(await read(sql)).toMatchObject({ remaining: 0 })
    }))

  test('require_budget raises PT429 with the seconds to wait when the budget is empty', () =>
    as(service, async sql => {
      const spend = () => sql`select private.require_budget('test', 'user:bob', 60, '1 minute', 2)`
      await spend()
      await spend()
      await expect(spend()).rejects.toMatchObject({
        code: 'PT429',
        detail: 'rate_limited',
        hint: expect.stringMatching(/^\d+$/) as string,
        message: expect.stringMatching(/^Too many requests; try again in \d+ seconds?$/) as string
      })
    }))
})

test('take_budgets stops at the first budget that refuses', () =>
  as(service, async sql => {
    const budgets = JSON.stringify([
      { kind: 'one', subject: 'x', amount: 60, seconds: 60, burst: 1 },
      { kind: 'two', subject: 'x', amount: 60, seconds: 60, burst: 5 }
    ])
    const spend = () =>
      sql<
        { kind: string; remaining: number; wait: number | null }[]
      >`select kind, remaining, wait from private.take_budgets(${budgets}::text::jsonb)`
    expect(await spend()).toEqual([
      { kind: 'one', remaining: 0, wait: null },
      { kind: 'two', remaining: 4, wait: null }
    ])
    expect(await spend()).toEqual([{ kind: 'one', remaining: 0, wait: expect.any(Number) as number }])
    expect(await sql`select * from private.take_budgets('[]'::jsonb)`).toHaveLength(0)
  }))

test('the factor of a new database is 1, and there is only one', () =>
  as(service, async sql => {
    expect(await sql`select factor from private.budget_settings`).toEqual([{ factor: 1 }])
    await expect(sql`insert into private.budget_settings (is_only, factor) values (false, 2)`).rejects.toMatchObject({ code: '23514' })
  }))

test('the factor multiplies every budget', () =>
  as(service, async sql => {
    await sql`update private.budget_settings set factor = 10`
    expect(await take(sql)).toMatchObject({ remaining: 49, wait: null })
  }))

test.each(['take_budget', 'read_budget', 'require_budget', 'take_budgets'])('browser roles may not execute %s', async name => {
  const [right] = await as(
    service,
    sql => sql<{ allowed: boolean }[]>`
    select bool_or(has_function_privilege('authenticated', oid, 'execute') or has_function_privilege('anon', oid, 'execute')) as allowed
    from pg_proc where proname = ${name} and pronamespace = 'private'::regnamespace`
  )
  expect(right).toEqual({ allowed: false })
})

test('a member can neither read nor change budgets', async () => {
  for (const statement of ['select from private.budgets', 'update private.budget_settings set factor = 9', 'delete from private.budgets']) {
    await expect(
      as(bob, sql => sql.unsafe(statement)),
      statement
    ).rejects.toMatchObject({ code: '42501' })
  }
})

describe('budgets of browsers that write to Postgres directly', () => {
  const tickets = (sql: TransactionSql, count: number) =>
    sql`
      insert into tickets (team_id, subject, description, created_by)
      select ${acme.id}, 'Ticket ' || n, 'x', ${bob.id} from generate_series(1, ${count}::int) as n`
  const replies = (sql: TransactionSql, count: number) =>
    sql`
      insert into ticket_replies (team_id, ticket_id, user_id, content)
      select ${acme.id}, ${acme.tickets.bobs}, ${bob.id}, 'x' from generate_series(1, ${count}::int) as n`

  test('a person may create 120 tickets and replies at once', () =>
    session(bob, async ({ sql, refusal }) => {
      await tickets(sql, 60)
      await replies(sql, 60)
      for (const write of [tickets, replies])
        expect(await refusal(sql => write(sql, 60))).toMatchObject({ code: 'PT429', detail: 'rate_limited' })
    }))

  test('direct writes and the routes spend the same budget', () =>
    session(bob, async ({ sql, as, refusal }) => {
      await as(service, sql => sql`select private.take_budget('create', ${`person:${bob.id}`}, 120, '1 minute', 120, 120)`)
      expect(await refusal(sql => tickets(sql, 2))).toMatchObject({ code: 'PT429' })
      await sql`select set_config('switchboard.channel', 'ui', true)`
      await tickets(sql, 2)
    }))

  test('updates, tags and deletions are refused when the write budget is empty', () =>
    session(bob, async ({ sql, as, refusal }) => {
      await as(service, sql => sql`select private.take_budget('write', ${`person:${bob.id}`}, 600, '1 minute', 300, 200)`)
      await sql`update tickets set severity = 2 where id = ${acme.tickets.bobs}`
      await sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${acme.tickets.bobs}, 'counted')`
      await sql`delete from ticket_tags where ticket_id = ${acme.tickets.bobs} and tag = 'counted'`
      await as(
        service,
        sql => sql`update private.budgets set whole_at = now() + interval '1 hour' where kind = 'write' and subject = ${`person:${bob.id}`}`
      )
      for (const write of [
        `update tickets set severity = 3 where id = '${acme.tickets.bobs}'`,
        `
          insert into ticket_tags (team_id, ticket_id, tag)
          values ('${acme.id}', '${acme.tickets.bobs}', 'beyond'), ('${acme.id}', '${acme.tickets.bobs}', 'all')`,
        'update profiles set full_name = full_name',
        `delete from ticket_replies where id = '${acme.replies.bobs}'`
      ])
        expect(await refusal(sql => sql.unsafe(write)), write).toMatchObject({ code: 'PT429', detail: 'rate_limited' })
      await sql`select set_config('switchboard.channel', 'ui', true)`
      await sql`update tickets set severity = 4 where id = ${acme.tickets.bobs}`
    }))

  test('every table that people may write has a budget trigger', () =>
    as(service, async sql => {
      const uncounted = await sql<{ name: string }[]>`
      select distinct granted.relation || ' ' || granted.operation as name
      from (
        select relation.relname::text as relation, operation, relation.oid
        from pg_class as relation, unnest(array['INSERT', 'UPDATE', 'DELETE']) as operation
        where relation.relnamespace = 'public'::regnamespace and relation.relkind = 'r'
          and (has_table_privilege('authenticated', relation.oid, operation) or operation <> 'DELETE'
          and has_any_column_privilege('authenticated', relation.oid, operation))
      ) as granted
      where not exists (
        select from pg_trigger as trigger where trigger.tgrelid = granted.oid and trigger.tgname ~ '_afford'
          and trigger.tgtype & case granted.operation when 'INSERT' then 4 when 'DELETE' then 8 else 16 end > 0
      ) order by 1`
      expect(uncounted).toEqual([])
    }))
})
