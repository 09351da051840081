import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { databaseFailure } from '#server/db/errors'
import { asUser } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import { as, service, session, databaseUrl } from '../support/as.ts'
import { acme, ann, bob, dan, initech, ivan, vera } from '../support/world.ts'

const recordExport =
  (filters: string, team = acme, subject = 'tickets') =>
  (run: (text: string, values: string[]) => Promise<unknown>) =>
    run('select private.record_export($1, $2, $3::text::jsonb)', [team.id, subject, filters])

describe('private.record_export()', () => {
  test('an export writes an event with its actor and filters', () =>
    session(bob, async ({ sql, as }) => {
      await recordExport('{"status":["open"],"q":"vpn"}')((text, values) => sql.unsafe(text, values))
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
    ['an array', '[]'],
    ['a string', '"status"'],
    ['a number', '5'],
    ['null', 'null'],
    ['a boolean', 'true'],
    ['10 kB', JSON.stringify({ q: 'x'.repeat(10_000) })],
    ['1 MB', JSON.stringify({ q: 'x'.repeat(1_000_000) })]
  ])('private.record_export() refuses %s as filters', (_, filters) =>
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
      expect(await refusal(sql => recordExport(filters)((text, values) => sql.unsafe(text, values)))).toMatchObject({
        code: 'PT400',
        detail: 'filters'
      })
      expect(await count()).toBe(before)
    })
  )

  test('private.record_export() accepts filters of 9.9 kB', () =>
    session(bob, async ({ sql }) => {
      await recordExport(JSON.stringify({ q: 'x'.repeat(9_900) }))((text, values) => sql.unsafe(text, values))
    }))

  test.each([
    ['a viewer', vera, acme, 'tickets'],
    ['a member, for the audit log', bob, acme, 'audit'],
    ['a member of another team, for this team', dan, acme, 'tickets'],
    ['an owner of another team, for its audit log', ivan, acme, 'audit'],
    ['a member of this team, for another team', bob, initech, 'tickets'],
    ['an owner, for an unknown export', ann, acme, 'replies']
  ])('private.record_export() refuses %s', (_, caller, team, subject) =>
    session(caller, async ({ refusal }) => {
      expect(
        await refusal(sql => recordExport('{}', team as typeof acme, subject)((text, values) => sql.unsafe(text, values)))
      ).toMatchObject({
        code: 'PT403'
      })
    })
  )
})

describe('a read-only API key', () => {
  beforeAll(() => {
    configureDatabase(databaseUrl(), 2)
  })
  afterAll(closePool)

  // The transaction is read-only, whatever the policies would allow.
  const byKey = { sub: ann.id, api_key: { id: acme.apiKey, team_id: acme.id, scopes: ['read'] } }
  const writes: [string, ReturnType<typeof sql>][] = [
    ['the profile of its member', sql`update public.profiles set full_name = full_name where id = ${ann.id}`],
    [
      'a ticket',
      sql`insert into public.tickets (team_id, subject, description, created_by) values (${acme.id}, 'Never', 'Never', ${ann.id})`
    ],
    ['through a security definer function', sql`select private.take_idempotency_key(sha256('x'), sha256('y'))`],
    ['a row lock', sql`select from public.tickets where team_id = ${acme.id} for update`]
  ]
  test.each(writes)('a read-only key cannot write: %s', async (_, statement) => {
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

  test('a read-only key reads, and its connection can write for the next caller', async () => {
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
