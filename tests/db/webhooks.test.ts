import { describe, expect, test } from 'vitest'
import { webhookEvents } from '#shared/schemas/webhook'
import { as, service, session, type Session } from '../support/as.ts'
import { acme, adam, ann, bob, initech, unknownId } from '../support/world.ts'

const secret = 'whsec_bm90IHRoZSBzZWNyZXQgb2YgdGhlIHdvcmxkLCAzMg=='
const other = 'whsec_YW5vdGhlciBzZWNyZXQgb2YgdGhlIHdvcmxkLCAzMiE='
const create = (sql: Session['sql'], team: string = acme.id) =>
  sql<{ id: string }[]>`
    select private.create_webhook(
      ${team}, 'New', 'https://hooks.acme.test/new?key=hidden', array['ticket.created', 'reply.created'], ${secret}
    ) as id`
const readSecrets = (sql: Session['sql'], webhook: string = acme.webhook) => sql<{ secret: string; hours: number | null }[]>`
  select secret, round(extract(epoch from expires_at - now()) / 3600)::int as hours from private.webhook_secrets
  where webhook_id = ${webhook} order by id desc`

describe('the secret of a webhook', () => {
  test('no role of the API can read webhook secrets, service_role included', async () => {
    for (const role of ['anon', 'authenticated', 'service_role']) {
      await expect(
        as(service, async sql => {
          await sql`select set_config('role', ${role}, true)`
          return sql`select * from private.webhook_secrets`
        }),
        role
      ).rejects.toMatchObject({ code: '42501' })
    }
  })

  test('a replaced secret stays valid for 24 hours, and a webhook has at most three secrets', () =>
    session(ann, async ({ sql, as }) => {
      const rotate = (to: string) => sql`select private.rotate_webhook_secret(${acme.id}, ${acme.webhook}, ${to})`
      const [first] = await as(service, sql => readSecrets(sql))
      for (const number of [2, 3, 4]) await rotate(`secret_${number}`.padEnd(30, 'x'))
      const found = await as(service, sql => readSecrets(sql))
      expect(found.map(({ secret, hours }) => [secret.slice(0, 8), hours])).toEqual([
        ['secret_4', null],
        ['secret_3', 24],
        ['secret_2', 24]
      ])
      expect(found.map(({ secret }) => secret)).not.toContain(first!.secret)
      await as(
        service,
        sql => sql`update private.webhook_secrets set expires_at = now() - interval '1 second' where expires_at is not null`
      )
      await rotate('secret_5'.padEnd(30, 'x'))
      expect((await as(service, sql => readSecrets(sql))).map(({ secret }) => secret.slice(0, 8))).toEqual(['secret_5', 'secret_4'])
    }))

  test('events contain neither the secret nor the query string of a webhook', () =>
    session(ann, async ({ sql, as }) => {
      const [webhook] = await create(sql)
      await sql`select private.rotate_webhook_secret(${acme.id}, ${webhook!.id}, ${other})`
      await sql`delete from webhooks where id = ${webhook!.id}`
      const events = await as(
        service,
        sql =>
          sql<
            { text: string }[]
          >`select event::text as text from ticket_events as event where team_id = ${acme.id} and type like 'webhook.%'`
      )
      expect(events.length).toBeGreaterThan(2)
      for (const { text } of events) expect(text).not.toMatch(/bm90IHRoZSB|YW5vdGhlc|key=|hidden|in-the-address/)
    }))

  test("the secret of another team's webhook cannot be rotated", () =>
    session(ann, async ({ refusal }) => {
      for (const [team, id] of [
        [acme.id, initech.webhook],
        [acme.id, unknownId]
      ] as const)
        expect((await refusal(sql => sql`select private.rotate_webhook_secret(${team}, ${id}, ${secret})`)).code).toBe('PT404')
      expect((await refusal(sql => sql`select private.rotate_webhook_secret(${initech.id}, ${initech.webhook}, ${secret})`)).code).toBe(
        'PT403'
      )
    }))
})

describe('a webhook', () => {
  test.each([
    'ftp://x.test',
    'https://',
    'https:x.test',
    'https://user@x.test',
    'https://u:p@x.test/',
    'https://x.test/a b',
    'https://x.test/#top',
    'https://x.test\\@y.test',
    'javascript:alert(1)',
    ''
  ])('a webhook refuses the URL %j', async url => {
    await expect(as(ann, sql => sql`update webhooks set url = ${url} where id = ${acme.webhook}`)).rejects.toMatchObject({ code: '23514' })
  })

  test.each([[[]], [['team.created']], [['ticket.created', 'x']], [['']]])('a webhook refuses the events %j', async events => {
    await expect(as(ann, sql => sql`update webhooks set events = ${events} where id = ${acme.webhook}`)).rejects.toMatchObject({
      code: '23514'
    })
  })

  test('a webhook accepts every event of shared/schemas/webhook.ts', () =>
    session(ann, async ({ sql }) => {
      expect(await sql`update webhooks set events = ${[...webhookEvents]} where id = ${acme.webhook} returning events`).toEqual([
        { events: [...webhookEvents] }
      ])
    }))

  test('a team has at most 20 webhooks', () =>
    session(ann, async ({ sql, refusal }) => {
      for (let number = 1; number < 20; number++) await create(sql)
      expect(await refusal(sql => create(sql))).toMatchObject({ code: 'PT422', detail: 'limit' })
    }))

  test('changes of a webhook write events', () =>
    session(ann, async ({ sql, as }) => {
      const [webhook] = await create(sql)
      const id = webhook!.id
      await sql`update webhooks set name = 'Renamed' where id = ${id}`
      await sql`update webhooks set name = 'Renamed' where id = ${id}`
      await sql`update webhooks set is_active = false where id = ${id}`
      await sql`select private.rotate_webhook_secret(${acme.id}, ${id}, ${other})`
      await as(service, sql => sql`update webhooks set failing_since = now() where id = ${id}`)
      await sql`update webhooks set is_active = true where id = ${id}`
      await as(
        service,
        sql => sql`update webhooks set is_active = false, disabled_at = now(), disabled_reason = 'failing' where id = ${id}`
      )
      await sql`delete from webhooks where id = ${id}`
      const reference = { name: 'New', url: 'https://hooks.acme.test/new?…', events: ['ticket.created', 'reply.created'], is_active: true }
      const renamed = { ...reference, name: 'Renamed' }
      const events = await as(
        service,
        sql => sql`
          select type, actor_id, ticket_id, "from", "to" from ticket_events
          where team_id = ${acme.id} and type like 'webhook.%' and created_at = now() order by id`
      )
      expect(events.map(({ type, from, to }) => [type, from, to] as unknown[])).toEqual([
        ['webhook.created', null, reference],
        ['webhook.updated', reference, renamed],
        ['webhook.updated', renamed, { ...renamed, is_active: false }],
        ['webhook.secret_rotated', null, { name: 'Renamed' }],
        ['webhook.updated', { ...renamed, is_active: false }, renamed],
        ['webhook.disabled', null, { id, name: 'Renamed', reason: 'It failed for 75 hours' }],
        ['webhook.deleted', { ...renamed, is_active: false }, null]
      ])
      expect(events.map(({ actor_id }) => actor_id as unknown)).toEqual([ann.id, ann.id, ann.id, ann.id, ann.id, null, ann.id])
    }))

  test('switching a webhook on again or changing its URL clears its failures', () =>
    session(ann, async ({ sql, as }) => {
      const state = () => sql`select is_active, disabled_at, disabled_reason, failing_since from webhooks where id = ${acme.webhook}`
      await as(
        service,
        sql => sql`
          update webhooks set is_active = false, disabled_at = now(), disabled_reason = 'gone', failing_since = now()
          where id = ${acme.webhook}`
      )
      await sql`update webhooks set is_active = true where id = ${acme.webhook}`
      expect(await state()).toEqual([{ is_active: true, disabled_at: null, disabled_reason: null, failing_since: null }])
      await as(service, sql => sql`update webhooks set failing_since = now() where id = ${acme.webhook}`)
      await sql`update webhooks set name = 'Other' where id = ${acme.webhook}`
      expect((await state())[0]!.failing_since).not.toBeNull()
      await sql`update webhooks set url = 'https://elsewhere.test/' where id = ${acme.webhook}`
      expect((await state())[0]!.failing_since).toBeNull()
    }))

  test('a webhook outlives the member who added it and is deleted with its team', () =>
    session(service, async ({ sql }) => {
      await sql`update webhooks set created_by = ${adam.id} where id = ${acme.webhook}`
      await sql`delete from team_members where user_id = ${adam.id}`
      expect(await sql`select id from webhooks where id = ${acme.webhook}`).toHaveLength(1)
      await sql`delete from teams where id = ${acme.id}`
      expect(
        await sql`
          select 1 from webhooks where team_id = ${acme.id}
          union all select 2 from webhook_deliveries where team_id = ${acme.id}
          union all select 3 from webhook_attempts where team_id = ${acme.id}
          union all select 5 from webhook_payloads where team_id = ${acme.id}
          union all select 4 from private.webhook_secrets where webhook_id = ${acme.webhook}`
      ).toHaveLength(0)
    }))

  test('a change of a webhook is broadcast to the team with its ids only', () =>
    session(service, async ({ sql }) => {
      await sql`update webhooks set name = 'Other' where id = ${acme.webhook}`
      const messages = await sql<
        { payload: { record: object } }[]
      >`select payload from realtime.messages where payload ->> 'table' = 'webhooks' and inserted_at >= now()::timestamp`
      expect(messages.map(({ payload }) => payload.record)).toEqual([{ id: acme.webhook, team_id: acme.id }])
    }))
})

test('a member can read neither webhooks nor their deliveries, attempts and payloads', () =>
  session(bob, async ({ sql }) => {
    expect(
      await sql`
        select 1 from webhook_payloads
        union all select 1 from webhook_deliveries
        union all select 1 from webhook_attempts
        union all select 1 from webhooks`
    ).toHaveLength(0)
  }))
