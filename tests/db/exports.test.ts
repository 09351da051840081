import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseFailure } from '#server/db/errors'
import { asUser } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import { as, service, session, databaseUrl } from '../support/as.ts'
import { acme, ann, bob, dan, initech, ivan, vera } from '../support/world.ts'

const record =
  (filters: string, team = acme, subject = 'tickets') =>
  (run: (text: string, values: string[]) => Promise<unknown>) =>
    run('select private.record_export($1, $2, $3::text::jsonb)', [team.id, subject, filters])

describe('the log of exports', () => {
  test('takes the filters of a list, and says who took what', () =>
    session(bob, async ({ sql, as }) => {
      await record('{"status":["open"],"q":"vpn"}')((text, values) => sql.unsafe(text, values))
      const [entry] = await as(
        service,
        sql =>
          sql<
            { type: string; actor_id: string; to: unknown }[]
          >`select type, actor_id, "to" from ticket_events where team_id = ${acme.id} order by id desc limit 1`
      )
      expect(entry).toEqual({ type: 'tickets.exported', actor_id: bob.id, to: { status: ['open'], q: 'vpn' } })
    }))

  test.each([
    ['a list', '[]'],
    ['a text', '"status"'],
    ['a number', '5'],
    ['nothing', 'null'],
    ['a truth', 'true'],
    ['more than filters ever are', JSON.stringify({ q: 'x'.repeat(10_000) })],
    ['very much', JSON.stringify({ q: 'x'.repeat(1_000_000) })]
  ])('takes not %s', (_, filters) =>
    session(bob, async ({ refusal, as }) => {
      const count = () =>
        as(
          service,
          async sql =>
            (
              await sql<
                { count: number }[]
              >`select count(*)::integer from ticket_events where team_id = ${acme.id} and type like '%.exported'`
            )[0]!.count
        )
      const before = await count()
      expect(await refusal(sql => record(filters)((text, values) => sql.unsafe(text, values)))).toMatchObject({
        code: 'PT400',
        detail: 'filters'
      })
      expect(await count()).toBe(before)
    })
  )

  test('takes as much as filters ever are', () =>
    session(bob, async ({ sql }) => {
      await record(JSON.stringify({ q: 'x'.repeat(9_900) }))((text, values) => sql.unsafe(text, values))
    }))

  test.each([
    ['a viewer', vera, acme, 'tickets'],
    ['a member, of the log', bob, acme, 'audit'],
    ['somebody of another team', dan, acme, 'tickets'],
    ['the owner of another team', ivan, acme, 'audit'],
    ['a member of another team', bob, initech, 'tickets'],
    ['an owner, of what is no export', ann, acme, 'replies']
  ])('takes nothing from %s', (_, caller, team, subject) =>
    session(caller, async ({ refusal }) => {
      expect(await refusal(sql => record('{}', team as typeof acme, subject)((text, values) => sql.unsafe(text, values)))).toMatchObject({
        code: 'PT403'
      })
    })
  )
})

describe('a key that only reads', () => {
  beforeAll(() => {
    configureDatabase(databaseUrl(), 2)
  })
  afterAll(closePool)

  // Whatever the policies would let: Postgres itself is told that nothing is written.
  const byKey = { sub: ann.id, api_key: { id: acme.apiKey, team_id: acme.id, scopes: ['read'] } }
  const writes: [string, ReturnType<typeof sql>][] = [
    ['a column that only the owner of the table writes', sql`update public.profiles set full_name = full_name where id = ${ann.id}`],
    [
      'a ticket',
      sql`insert into public.tickets (team_id, subject, description, created_by) values (${acme.id}, 'Never', 'Never', ${ann.id})`
    ],
    ['through a function that is past the policies', sql`select private.take_idempotency_key(sha256('x'), sha256('y'))`],
    ['a lock', sql`select from public.tickets where team_id = ${acme.id} for update`]
  ]
  test.each(writes)('writes nothing, not even %s', async (_, statement) => {
    const error: unknown = await asUser(byKey, db => statement.execute(db), { channel: 'api', isReadOnly: true }).catch(
      (error: unknown) => error
    )
    expect(databaseFailure(error)).toMatchObject({ statusCode: 403, code: 'scope' })
    expect(
      await as(
        service,
        sql => sql`select from tickets where subject = 'Never' union all select from ticket_events where "to" ->> 'subject' = 'Never'`
      )
    ).toEqual([])
  })

  test('reads, and the connection writes for the next one', async () => {
    expect(
      await asUser(byKey, db => db.selectFrom('tickets').select('id').where('team_id', '=', acme.id).execute(), {
        channel: 'api',
        isReadOnly: true
      })
    ).not.toHaveLength(0)
    for (let time = 0; time < 2; time++)
      await asUser({ sub: ann.id }, db => sql`update public.profiles set full_name = full_name where id = ${ann.id}`.execute(db))
  })
})
