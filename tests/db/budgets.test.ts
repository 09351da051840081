import type { TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { as, service, session } from '../support/as.ts'
import { acme, bob } from '../support/world.ts'

interface Taken {
  remaining: number
  reset: number
  wait: number | null
}

const take = async (sql: TransactionSql, subject = 'user:bob', cost = 1) =>
  (await sql<Taken[]>`select * from private.take_budget('test', ${subject}, 60, '1 minute', 5, ${cost})`)[0]!
const read = async (sql: TransactionSql, subject = 'user:bob') =>
  (await sql<Taken[]>`select * from private.read_budget('test', ${subject}, 60, '1 minute', 5)`)[0]!
/** As if so many seconds had gone by. */
const later = (sql: TransactionSql, seconds: number) =>
  sql`update private.budgets set whole_at = whole_at - make_interval(secs => ${seconds})`

describe('a budget of 60 a minute, 5 at once', () => {
  test('is spent, refuses, and says how long to wait', () =>
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

  test('refills one a second, and never beyond five', () =>
    as(service, async sql => {
      for (let count = 0; count < 5; count++) await take(sql)
      await later(sql, 2)
      expect((await take(sql)).wait).toBeNull()
      expect((await take(sql)).wait).toBeNull()
      expect((await take(sql)).wait).not.toBeNull()
      await later(sql, 86_400)
      expect(await take(sql)).toMatchObject({ remaining: 4 })
    }))

  test('is one for each subject and kind', () =>
    as(service, async sql => {
      for (let count = 0; count < 6; count++) await take(sql)
      expect(await take(sql, 'user:ann')).toMatchObject({ remaining: 4, wait: null })
    }))

  test('takes several at once, and of a cost beyond it all that there is', () =>
    as(service, async sql => {
      expect(await take(sql, 'a', 3)).toMatchObject({ remaining: 2, wait: null })
      expect((await take(sql, 'a', 3)).wait).toBeGreaterThan(0.5)
      expect(await take(sql, 'b', 500)).toMatchObject({ remaining: 0, wait: null })
      expect((await take(sql, 'b', 500)).wait).toBeGreaterThan(4)
    }))

  test('can be looked at', () =>
    as(service, async sql => {
      expect(await read(sql)).toEqual({ remaining: 5, reset: 0, wait: null })
      for (let count = 0; count < 5; count++) await take(sql)
      expect(await read(sql)).toMatchObject({ remaining: 0, wait: expect.any(Number) as number })
      expect(await read(sql)).toMatchObject({ remaining: 0 })
    }))

  test('ends the work where it is required', () =>
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

test('of several budgets the first that refuses ends the spending', () =>
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

test('a database begins with the factor 1, and has one', () =>
  as(service, async sql => {
    expect(await sql`select factor from private.budget_settings`).toEqual([{ factor: 1 }])
    await expect(sql`insert into private.budget_settings (is_only, factor) values (false, 2)`).rejects.toMatchObject({ code: '23514' })
  }))

test('a factor widens every budget', () =>
  as(service, async sql => {
    await sql`update private.budget_settings set factor = 10`
    expect(await take(sql)).toMatchObject({ remaining: 49, wait: null })
  }))

test.each(['take_budget', 'read_budget', 'require_budget', 'take_budgets'])('nobody who signs in may call %s', async name => {
  const [right] = await as(
    service,
    sql => sql<{ allowed: boolean }[]>`
    select bool_or(has_function_privilege('authenticated', oid, 'execute') or has_function_privilege('anon', oid, 'execute')) as allowed from pg_proc where proname = ${name} and pronamespace = 'private'::regnamespace`
  )
  expect(right).toEqual({ allowed: false })
})

test('nobody who signs in sees or changes budgets', async () => {
  for (const statement of ['select from private.budgets', 'update private.budget_settings set factor = 9', 'delete from private.budgets']) {
    await expect(
      as(bob, sql => sql.unsafe(statement)),
      statement
    ).rejects.toMatchObject({ code: '42501' })
  }
})

describe('who writes with a token of their own past the routes', () => {
  const tickets = (sql: TransactionSql, count: number) =>
    sql`insert into tickets (team_id, subject, description, created_by) select ${acme.id}, 'Ticket ' || n, 'x', ${bob.id} from generate_series(1, ${count}::int) as n`
  const replies = (sql: TransactionSql, count: number) =>
    sql`insert into ticket_replies (team_id, ticket_id, user_id, content) select ${acme.id}, ${acme.tickets.bobs}, ${bob.id}, 'x' from generate_series(1, ${count}::int) as n`

  test('makes 120 tickets and replies at once, and no more', () =>
    session(bob, async ({ sql, refusal }) => {
      await tickets(sql, 60)
      await replies(sql, 60)
      for (const write of [tickets, replies])
        expect(await refusal(sql => write(sql, 60))).toMatchObject({ code: 'PT429', detail: 'rate_limited' })
    }))

  test('spends of what the routes spend of', () =>
    session(bob, async ({ sql, as, refusal }) => {
      await as(service, sql => sql`select private.take_budget('create', ${`person:${bob.id}`}, 120, '1 minute', 120, 120)`)
      expect(await refusal(sql => tickets(sql, 2))).toMatchObject({ code: 'PT429' })
      await sql`select set_config('switchboard.channel', 'ui', true)`
      await tickets(sql, 2)
    }))

  test('changes as many rows as the budget has, and no more', () =>
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
        `insert into ticket_tags (team_id, ticket_id, tag) values ('${acme.id}', '${acme.tickets.bobs}', 'beyond'), ('${acme.id}', '${acme.tickets.bobs}', 'all')`,
        'update profiles set full_name = full_name',
        `delete from ticket_replies where id = '${acme.replies.bobs}'`
      ])
        expect(await refusal(sql => sql.unsafe(write)), write).toMatchObject({ code: 'PT429', detail: 'rate_limited' })
      await sql`select set_config('switchboard.channel', 'ui', true)`
      await sql`update tickets set severity = 4 where id = ${acme.tickets.bobs}`
    }))

  test('may change of every table that is granted no more than the budget', () =>
    as(service, async sql => {
      const uncounted = await sql<{ name: string }[]>`
      select distinct granted.relation || ' ' || granted.operation as name
      from (
        select relation.relname::text as relation, operation, relation.oid
        from pg_class as relation, unnest(array['INSERT', 'UPDATE', 'DELETE']) as operation
        where relation.relnamespace = 'public'::regnamespace and relation.relkind = 'r'
          and (has_table_privilege('authenticated', relation.oid, operation) or operation <> 'DELETE' and has_any_column_privilege('authenticated', relation.oid, operation))
      ) as granted
      where not exists (
        select from pg_trigger as trigger where trigger.tgrelid = granted.oid and trigger.tgname ~ '_afford'
          and trigger.tgtype & case granted.operation when 'INSERT' then 4 when 'DELETE' then 8 else 16 end > 0
      ) order by 1`
      expect(uncounted).toEqual([])
    }))
})
