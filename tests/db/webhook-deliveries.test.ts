import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from 'kysely'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { readAllowed } from '#server/adapters/address'
import type { SendOptions } from '#server/adapters/webhook'
import { asService } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import { serverLocks } from '#server/db/server-lock'
import type { Db } from '#server/db/types'
import type { OutboxEvent } from '#server/domain/event'
import { enqueueDeliveries } from '#server/domain/webhook/enqueue'
import {
  claimDeliveries,
  getMsUntilNextDelivery,
  disableAfterSeconds,
  recordAttempts,
  releaseDeliveries,
  removeOldDeliveries,
  retryDelays,
  type AttemptResult,
  type ClaimedDelivery
} from '#server/domain/webhook/claim'
import { deliverWebhooks } from '#server/jobs/deliver-webhooks'
import { startWorkers, stopWorkers } from '#server/jobs/worker'
import { database, databaseUrl, impersonate, session } from '../support/as.ts'
import { acme, addTeam, ann, bob, initech, unknownId } from '../support/world.ts'

const redeliver = (sql: Parameters<Parameters<typeof session>[1]>[0]['sql']) =>
  sql`select private.redeliver_webhook(${acme.id}, ${acme.webhook}, ${acme.delivery})`

describe('requests for a redelivery or a ping', () => {
  test('a delivery of another webhook or team cannot be redelivered', () =>
    session(ann, async ({ refusal }) => {
      for (const [team, webhook, delivery] of [
        [acme.id, acme.webhook, initech.delivery],
        [acme.id, acme.webhook, unknownId],
        [acme.id, initech.webhook, initech.delivery],
        [acme.id, unknownId, acme.delivery]
      ] as const) {
        expect((await refusal(sql => sql`select private.redeliver_webhook(${team}, ${webhook}, ${delivery})`)).code).toBe('PT404')
      }
      expect((await refusal(sql => sql`select private.ping_webhook(${initech.id}, ${initech.webhook})`)).code).toBe('PT403')
    }))

  test('a webhook that is switched off can neither redeliver nor be pinged', () =>
    session(ann, async ({ sql, refusal }) => {
      await sql`update webhooks set is_active = false where id = ${acme.webhook}`
      expect(await refusal(redeliver)).toMatchObject({ code: 'PT409', detail: 'switched_off' })
      expect(await refusal(sql => sql`select private.ping_webhook(${acme.id}, ${acme.webhook})`)).toMatchObject({
        code: 'PT409',
        detail: 'switched_off'
      })
    }))
})

// Each test has a team of its own. Its workers also see the teams of other tests, which have no waiting deliveries.
let team: string
let ticket: string

beforeAll(() => {
  configureDatabase(databaseUrl(), 6)
})
beforeEach(async () => {
  ;[team, ticket] = [randomUUID(), randomUUID()]
  await database().begin(async sql => {
    await sql`select set_config('switchboard.channel', 'import', true)`
    await addTeam(sql, team, [ann, bob])
    const columns = {
      id: ticket,
      team_id: team,
      subject: 'VPN drops',
      description: 'Every hour',
      created_by: ann.id,
      requester_email: 'rita@example.test'
    }
    await sql`insert into public.tickets ${sql(columns)}`
  })
})
afterEach(async () => {
  await stopWorkers()
  await database()`delete from public.teams where id = ${team}`
})
afterAll(closePool)

const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
const defaultEvents = [
  'ticket.created',
  'ticket.status_changed',
  'ticket.assigned',
  'ticket.subject_changed',
  'ticket.deleted',
  'reply.created',
  'reply.deleted'
]
const asJob = <T>(work: (db: Db) => Promise<T>) => asService('a test', work)

async function addWebhook(url = 'https://hooks.acme.test/', events: string[] = defaultEvents): Promise<string> {
  const id = randomUUID()
  await database()`insert into public.webhooks ${database()({ id, team_id: team, name: 'Hook', url, events })}`
  await database()`insert into private.webhook_secrets (webhook_id, secret) values (${id}, ${secret})`
  return id
}

async function addDeliveries(webhook: string, count = 1): Promise<string[]> {
  const rows = await database()<{ id: string }[]>`
    with payload as (insert into public.webhook_payloads (team_id, type, data) values (${team}, 'ping', '{}') returning id)
    insert into public.webhook_deliveries (team_id, webhook_id, type, payload_id) select ${team}, ${webhook}, 'ping', payload.id
    from payload, generate_series(1, ${count}) returning id`
  return rows.map(({ id }) => id)
}

async function claim(
  places = 20,
  held: Pick<ClaimedDelivery, 'webhook_id'>[] = [],
  server: number | null = null
): Promise<ClaimedDelivery[]> {
  return asJob(db => claimDeliveries(db, { maxInFlight: places, held, server }))
}

const createResult = (delivery: Pick<ClaimedDelivery, 'id' | 'number'>, answer: Partial<AttemptResult> = {}): AttemptResult => ({
  delivery_id: delivery.id,
  number: delivery.number,
  duration_ms: 5,
  ended_ms_ago: 0,
  status: 200,
  error: null,
  response: 'ok',
  retry_after: null,
  ...answer
})
const createFailure = (delivery: Pick<ClaimedDelivery, 'id' | 'number'>, answer: Partial<AttemptResult> = {}) =>
  createResult(delivery, { status: 500, error: 'status', ...answer })
const record = (...results: AttemptResult[]) => asJob(db => recordAttempts(db, results))
const readDelivery = async (id: string) =>
  (
    await database()<
      {
        state: string
        attempts: number
        seconds: number | null
        last_status: number | null
        last_error: string | null
        is_locked: boolean
      }[]
    >`
      select state, attempts, round(extract(epoch from next_attempt_at - now()))::int as seconds, last_status, last_error,
        coalesce(locked_until > now(), false) as is_locked
      from public.webhook_deliveries where id = ${id}`
  )[0]!
const readWebhook = async (id: string) =>
  (
    await database()<
      { is_active: boolean; disabled_reason: string | null; is_failing: boolean }[]
    >`select is_active, disabled_reason, failing_since is not null as is_failing from public.webhooks where id = ${id}`
  )[0]!
const makeDue = (id: string) => database()`update public.webhook_deliveries set next_attempt_at = now() where id = ${id}`

type Work = Parameters<Parameters<ReturnType<typeof database>['begin']>[1]>[0]

async function as<T>(person: { id: string; email: string }, work: (sql: Work) => Promise<T>): Promise<T> {
  return (await database().begin(async sql => {
    await impersonate(sql, person)
    return await work(sql)
  })) as T
}

describe('deliveries of an event', () => {
  interface Body {
    id: string
    type: string
    created_at: string
    team_id: string
    data: { ticket: Record<string, unknown>; from: unknown; to: unknown; actor: unknown; reply?: Record<string, unknown> | null }
  }
  const readBodies = async (webhook: string) =>
    (
      await database()<{ id: string; type: string; payload: string }[]>`
        select delivery.id, delivery.type, private.webhook_body(delivery.id, payload) as payload from public.webhook_deliveries as delivery
        join public.webhook_payloads as payload on payload.id = delivery.payload_id
        where delivery.webhook_id = ${webhook} order by delivery.event_id, delivery.type`
    ).map(({ id, type, payload }) => ({ id, type, body: JSON.parse(payload) as Body }))
  // Enqueues as the dispatcher does, but for this team only: other tests empty the outbox too.
  let lastEventId: string
  beforeEach(async () => {
    lastEventId = (
      await database()<[{ id: string }]>`select coalesce(max(id), 0)::text as id from public.ticket_events where team_id = ${team}`
    )[0].id
  })
  const enqueueNewEvents = () =>
    asJob(async db => {
      const { rows } = await sql<OutboxEvent>`
        select id::text as id, team_id, ticket_id, ticket_number, type from ticket_events
        where team_id = ${team} and id > ${lastEventId}::bigint order by id`.execute(db)
      await enqueueDeliveries(db, rows)
      lastEventId = rows.at(-1)?.id ?? lastEventId
    })

  test('a new ticket is delivered with its assignee and tags, before the events that follow', async () => {
    const [all, changes, assignments, tags, replies] = [
      await addWebhook(undefined, ['ticket.created', 'ticket.assigned', 'ticket.tags_changed', 'reply.created']),
      await addWebhook(undefined, ['ticket.assigned', 'ticket.tags_changed']),
      await addWebhook(undefined, ['ticket.assigned']),
      await addWebhook(undefined, ['ticket.tags_changed']),
      await addWebhook(undefined, ['reply.created'])
    ]
    const id = await as(ann, async sql => {
      const [{ id }] = await sql<
        [{ id: string }]
      >`insert into public.tickets ${sql({ team_id: team, subject: 'Printer', description: 'x', assigned_to: bob.id })} returning id`
      await sql`insert into public.ticket_replies ${sql({ team_id: team, ticket_id: id, content: 'Seen' })}`
      await sql`insert into public.ticket_tags ${sql(['win', 'fire'].map(tag => ({ team_id: team, ticket_id: id, tag })))}`
      return id
    })
    await enqueueNewEvents()
    const person = { id: bob.id, full_name: bob.name }
    const [created, replied, ...others] = await readBodies(all)
    expect([created, replied, others]).toMatchObject([
      { type: 'ticket.created', body: { data: { from: null, to: { assigned_to: person, tags: ['fire', 'win'] }, actor: { id: ann.id } } } },
      { type: 'reply.created' },
      []
    ])
    expect(await readBodies(assignments)).toMatchObject([
      {
        type: 'ticket.assigned',
        body: { type: 'ticket.assigned', data: { ticket: { id, assigned_to: bob.id }, from: null, to: person, actor: { id: ann.id } } }
      }
    ])
    expect(await readBodies(tags)).toMatchObject([{ type: 'ticket.tags_changed', body: { data: { from: [], to: ['fire', 'win'] } } }])
    expect((await readBodies(changes)).map(({ type }) => type)).toEqual(['ticket.assigned', 'ticket.tags_changed'])
    expect((await readBodies(replies)).map(({ type }) => type)).toEqual(['reply.created'])
    // Deliveries are sent and listed in this order.
    const order = await database()<
      { type: string }[]
    >`select type from public.webhook_deliveries where webhook_id = ${all} order by next_attempt_at, created_at`
    expect(order.map(({ type }) => type)).toEqual(['ticket.created', 'reply.created'])
    const listed = await database()<
      { type: string }[]
    >`select type from public.webhook_deliveries where webhook_id = ${all} order by created_at`
    expect(listed.map(({ type }) => type)).toEqual(['ticket.created', 'reply.created'])
  })

  test('a new ticket without assignee and tags delivers no assignment and no change of tags', async () => {
    const webhook = await addWebhook(undefined, ['ticket.assigned', 'ticket.tags_changed'])
    await as(ann, sql => sql`insert into public.tickets ${sql({ team_id: team, subject: 'Printer', description: 'x' })}`)
    await enqueueNewEvents()
    expect(await readBodies(webhook)).toEqual([])
  })

  test('the assignment of a new ticket that is enqueued twice is delivered once', async () => {
    const webhook = await addWebhook(undefined, ['ticket.assigned'])
    await as(
      ann,
      sql => sql`insert into public.tickets ${sql({ team_id: team, subject: 'Printer', description: 'x', assigned_to: bob.id })}`
    )
    const before = lastEventId
    await enqueueNewEvents()
    lastEventId = before
    await enqueueNewEvents()
    expect(await readBodies(webhook)).toHaveLength(1)
  })

  test('an event is delivered to each active webhook of its team that subscribes to it, and to no other', async () => {
    const [one, two, other, off] = [
      await addWebhook(),
      await addWebhook(),
      await addWebhook(undefined, ['ticket.deleted']),
      await addWebhook()
    ]
    await database()`update public.webhooks set is_active = false where id = ${off}`
    await as(
      bob,
      sql => sql`update public.tickets set status = 'in_progress', subject = 'VPN drops often', priority = 'high' where id = ${ticket}`
    )
    await enqueueNewEvents()
    for (const webhook of [one, two])
      expect((await readBodies(webhook)).map(({ type }) => type)).toEqual(['ticket.status_changed', 'ticket.subject_changed'])
    for (const webhook of [other, off, acme.webhook, initech.webhook])
      expect((await readBodies(webhook)).filter(({ type }) => type !== 'ping')).toEqual([])
  })

  test('a delivery carries the ticket as lists show it, the change and the actor', async () => {
    const webhook = await addWebhook()
    await as(ann, sql => sql`update public.tickets set assigned_to = ${bob.id} where id = ${ticket}`)
    await enqueueNewEvents()
    const [delivery] = await readBodies(webhook)
    const [event] = await database()<
      { created_at: Date }[]
    >`select created_at from public.ticket_events where ticket_id = ${ticket} and type = 'ticket.assigned'`
    const [{ row }] = await database()<[{ row: object }]>`select private.ticket_row(${team}, ${ticket}) as row`
    expect(delivery!.body).toEqual({
      id: delivery!.id,
      type: 'ticket.assigned',
      created_at: event!.created_at.toISOString(),
      team_id: team,
      data: { ticket: row, from: null, to: { id: bob.id, full_name: bob.name }, actor: { id: ann.id, name: ann.name } }
    })
    expect(Object.keys(delivery!.body)).toEqual(['id', 'type', 'created_at', 'team_id', 'data'])
    expect(delivery!.body.data.ticket).toMatchObject({
      ticket_number: 1,
      subject: 'VPN drops',
      assignee_name: bob.name,
      requester_email: 'rita@example.test',
      tags: [],
      excerpt: 'Every hour'
    })
    expect(delivery!.body.data.ticket).not.toHaveProperty('search')
  })

  test('a delivery of a new reply carries its content, its author and whether it is internal', async () => {
    const webhook = await addWebhook()
    const [{ id: reply }] = await as(
      bob,
      sql => sql<[{ id: string }]>`
        insert into public.ticket_replies
          ${sql({ team_id: team, ticket_id: ticket, user_id: bob.id, content: `Ask <@${ann.id}> "now"\n✓`, is_internal: true })}
        returning id`
    )
    await enqueueNewEvents()
    await as(bob, sql => sql`delete from public.ticket_replies where id = ${reply}`)
    await enqueueNewEvents()
    const [created, removed] = await readBodies(webhook)
    expect(created!.body.data).toMatchObject({
      to: { id: reply, is_internal: true },
      actor: { id: bob.id, name: bob.name },
      ticket: { reply_count: 1 },
      reply: {
        id: reply,
        content: `Ask <@${ann.id}> "now"\n✓`,
        is_internal: true,
        author: { id: bob.id, name: bob.name },
        mentions: [{ id: ann.id, full_name: ann.name }]
      }
    })
    expect(removed!.body.data).toMatchObject({
      from: { id: reply, is_internal: true, content: `Ask <@${ann.id}> "now"\n✓` },
      to: null,
      ticket: { reply_count: 0 }
    })
    expect(removed!.body.data).not.toHaveProperty('reply')
  })

  test('deliveries of a deleted ticket carry its number and subject, also those of earlier events', async () => {
    const webhook = await addWebhook()
    await as(
      ann,
      sql => sql`insert into public.ticket_replies ${sql({ team_id: team, ticket_id: ticket, user_id: ann.id, content: 'Gone' })}`
    )
    await as(ann, sql => sql`delete from public.tickets where id = ${ticket}`)
    await enqueueNewEvents()
    const delivered = await readBodies(webhook)
    expect(delivered.map(({ type }) => type)).toEqual(['reply.created', 'ticket.deleted'])
    for (const { body } of delivered)
      expect(body.data.ticket).toEqual({ id: ticket, team_id: team, ticket_number: 1, subject: 'VPN drops' })
    expect(delivered[0]!.body.data.reply).toBeNull()
    expect(delivered[1]!.body.data.from).toEqual({ number: 1, subject: 'VPN drops' })
  })

  test('an event that is enqueued twice is delivered once', async () => {
    const webhook = await addWebhook()
    await as(bob, sql => sql`update public.tickets set subject = 'Other' where id = ${ticket}`)
    const [event] = await database()<OutboxEvent[]>`
      select id::text, team_id, ticket_id, ticket_number, type from public.ticket_events
      where ticket_id = ${ticket} and type = 'ticket.subject_changed'`
    await enqueueNewEvents()
    await asJob(db => enqueueDeliveries(db, [event!]))
    expect(await readBodies(webhook)).toHaveLength(1)
  })

  test('an event has one payload for all of its deliveries, even when it is enqueued twice', async () => {
    const webhooks = await Promise.all(Array.from({ length: 19 }, () => addWebhook()))
    await as(
      bob,
      sql =>
        sql`insert into public.ticket_replies ${sql({ team_id: team, ticket_id: ticket, user_id: bob.id, content: 'x'.repeat(50_000) })}`
    )
    const before = lastEventId
    await enqueueNewEvents()
    lastEventId = before
    const late = await addWebhook()
    await enqueueNewEvents()
    expect(await database()`select type from public.webhook_payloads where team_id = ${team}`).toEqual([{ type: 'reply.created' }])
    const claimed = (await claim(40)).filter(({ webhook_id }) => [...webhooks, late].includes(webhook_id))
    expect(claimed).toHaveLength(20)
    for (const { id, payload } of claimed) {
      const body = JSON.parse(payload) as Body
      expect([body.id, body.data.reply!.content]).toEqual([id, 'x'.repeat(50_000)])
    }
    expect(new Set(claimed.map(({ id, payload }) => payload.replace(id, ''))).size).toBe(1)
  })

  test('an event of the team itself is not delivered', async () => {
    const webhook = await addWebhook()
    await database()`update public.teams set name = 'Other' where id = ${team}`
    await enqueueNewEvents()
    expect(await readBodies(webhook)).toEqual([])
  })

  test('the events of a statement that changes 1,001 tickets are enqueued within 10 s', async () => {
    const webhook = await addWebhook(undefined, ['ticket.priority_changed'])
    await database()`
      insert into public.tickets (team_id, subject, description, created_by) select ${team}, 'Ticket', 'x', ${ann.id}
      from generate_series(1, 1000)`
    await enqueueNewEvents()
    await database()`update public.tickets set priority = 'urgent' where team_id = ${team}`
    const started = performance.now()
    await enqueueNewEvents()
    expect(performance.now() - started).toBeLessThan(10_000)
    expect(await readBodies(webhook)).toHaveLength(1001)
  })
})

describe('claiming deliveries', () => {
  test('a delivery is claimed once, with the secrets to sign it', async () => {
    const webhook = await addWebhook()
    const [id] = await addDeliveries(webhook)
    const claimed = await claim()
    expect(claimed).toEqual([
      {
        id,
        webhook_id: webhook,
        url: 'https://hooks.acme.test/',
        payload: expect.stringMatching(
          new RegExp(`^\\{"id" : "${id}", "type" : "ping", "created_at" : "[^"]+Z", "team_id" : "${team}", "data" : \\{\\}\\}$`)
        ) as string,
        number: 1,
        secrets: [secret],
        timestamp: expect.any(Number) as number
      }
    ])
    expect(Math.abs(claimed[0]!.timestamp - Date.now() / 1000)).toBeLessThan(5)
    expect(await claim()).toEqual([])
    expect(await readDelivery(id!)).toMatchObject({ state: 'waiting', attempts: 1, is_locked: true })
  })

  test('at most two deliveries of a webhook are claimed at a time on all servers, the oldest first', async () => {
    const webhook = await addWebhook()
    const ids = await addDeliveries(webhook, 10)
    for (const [index, id] of ids.entries())
      await database()`
        update public.webhook_deliveries set next_attempt_at = now() - make_interval(secs => ${100 - index}) where id = ${id}`
    const claims = (await Promise.all(Array.from({ length: 5 }, () => claim()))).flat()
    expect(claims.map(({ id }) => id).sort()).toEqual(ids.slice(0, 2).sort())
    await record(createResult(claims[0]!))
    expect((await claim()).map(({ id }) => id)).toEqual([ids[2]])
  })

  test('a failing webhook gets one claim at a time, and all failing webhooks at most half of the places', async () => {
    const dead = []
    for (let number = 0; number < 14; number++) dead.push(await addWebhook())
    for (const webhook of dead) await addDeliveries(webhook, 3)
    await database()`update public.webhooks set failing_since = now() where team_id = ${team}`
    const first = await claim()
    expect(first).toHaveLength(10)
    expect(new Set(first.map(({ webhook_id }) => webhook_id)).size).toBe(10)
    expect(await claim(20, first)).toEqual([])
    const alive = await addWebhook()
    await addDeliveries(alive, 3)
    expect((await claim(20, first)).map(({ webhook_id }) => webhook_id)).toEqual([alive, alive])
    // Half of the places of each server: another server claims as many, for the webhooks that are left.
    const others = await claim()
    expect(others.map(({ webhook_id }) => webhook_id).sort()).toEqual(
      dead.filter(id => !first.some(({ webhook_id }) => webhook_id === id)).sort()
    )
  })

  test('a claim fills the free places only, with one delivery of each webhook before a second of any', async () => {
    const [busy, ...others] = [await addWebhook(), await addWebhook(), await addWebhook()]
    for (const webhook of [busy, ...others]) await addDeliveries(webhook, 5)
    const first = await claim(3)
    expect(new Set(first.map(({ webhook_id }) => webhook_id))).toEqual(new Set([busy, ...others]))
    expect(await claim(3, first)).toEqual([])
    expect(await claim(20, first)).toHaveLength(3)
  })

  test('the leases of a lost server last until they expire but do not count against the limit of their webhook', async () => {
    const webhook = await addWebhook()
    await addDeliveries(webhook, 4)
    const server = 2_000_000_001
    const connection = await database().reserve()
    onTestFinished(() => connection.release())
    await connection`select pg_advisory_lock(hashtext(${serverLocks}), ${server})`
    const theirs = await claim(20, [], server)
    expect(theirs).toHaveLength(2)
    expect(await claim()).toEqual([])
    expect(await claim(20, [], 2_000_000_002)).toEqual([])
    await connection`select pg_advisory_unlock(hashtext(${serverLocks}), ${server})`
    const ours = await claim()
    expect(ours).toHaveLength(2)
    expect(new Set([...theirs, ...ours].map(({ id }) => id)).size).toBe(4)
    const next = await asJob(getMsUntilNextDelivery)
    expect(next).toBeGreaterThan(1_000)
    expect(next).toBeLessThanOrEqual(5_000) // when the first lease expires, not only at the next poll
    await database()`
      update public.webhook_deliveries set locked_until = now() - interval '1 second' where id = any (${theirs.map(({ id }) => id)})`
    await record(...ours.map(one => createResult(one)))
    expect((await claim()).map(({ id }) => id).sort()).toEqual(theirs.map(({ id }) => id).sort())
  })

  test('a delivery with an expired lease is claimed again, and no delivery before its time', async () => {
    const webhook = await addWebhook()
    const [id, later] = await addDeliveries(webhook, 2)
    await database()`update public.webhook_deliveries set next_attempt_at = now() + interval '3 seconds' where id = ${later!}`
    const [mine] = await claim()
    expect(await claim()).toEqual([])
    const next = await asJob(getMsUntilNextDelivery)
    expect(next).toBeGreaterThan(1_000)
    expect(next).toBeLessThanOrEqual(3_000)
    await database()`update public.webhook_deliveries set locked_until = now() - interval '1 second' where id = ${id!}`
    const [theirs] = await claim()
    expect(theirs).toMatchObject({ id, number: 2 })
    // Both attempts were sent. The first success decides; a failure does not count when its lease was lost.
    await record(createFailure(mine!))
    expect(await readDelivery(id!)).toMatchObject({ state: 'waiting', is_locked: true, last_error: null })
    await record(createResult(mine!))
    expect(await readDelivery(id!)).toMatchObject({ state: 'delivered', last_status: 200 })
    await record(createFailure(theirs!))
    expect(await readDelivery(id!)).toMatchObject({ state: 'delivered', last_status: 200 })
  })

  test('deliveries of a webhook that is switched off are not claimed', async () => {
    const webhook = await addWebhook()
    await database()`update public.webhooks set is_active = false where id = ${webhook}`
    await addDeliveries(webhook)
    expect(await claim()).toEqual([])
  })
})

describe('results of attempts', () => {
  test('a successful attempt completes the delivery', async () => {
    const webhook = await addWebhook()
    const [id] = await addDeliveries(webhook)
    const [claimed] = await claim()
    await record(createResult(claimed!, { status: 204, response: '', duration_ms: 80, ended_ms_ago: 20 }))
    expect(await readDelivery(id!)).toEqual({
      state: 'delivered',
      attempts: 1,
      seconds: null,
      last_status: 204,
      last_error: null,
      is_locked: false
    })
    const [attempt] = await database()`
      select number, duration_ms, status, error, response, round(1000 * extract(epoch from now() - started_at))::int as ago
      from public.webhook_attempts where delivery_id = ${id!}`
    expect(attempt).toMatchObject({ number: 1, duration_ms: 80, status: 204, error: null, response: '' })
    expect(attempt!.ago).toBeGreaterThanOrEqual(90)
    expect(await readWebhook(webhook)).toEqual({ is_active: true, disabled_reason: null, is_failing: false })
  })

  test('a failed delivery is retried with backoff, ten attempts in all', async () => {
    const webhook = await addWebhook()
    const [id] = await addDeliveries(webhook)
    for (let number = 1; number <= 10; number++) {
      const [claimed] = await claim()
      expect(claimed).toMatchObject({ id, number })
      await record(createFailure(claimed!, { error: 'timeout', status: null }))
      const { state, attempts, seconds, last_error } = await readDelivery(id!)
      expect([attempts, last_error]).toEqual([number, 'timeout'])
      if (number === 10) {
        expect([state, seconds]).toEqual(['failed', null])
      } else {
        expect(state).toBe('waiting')
        expect(seconds).toBeGreaterThanOrEqual(Math.floor(retryDelays[number]! * 0.9) - 1)
        expect(seconds).toBeLessThanOrEqual(Math.ceil(retryDelays[number]! * 1.1))
        await makeDue(id!)
      }
    }
    expect(retryDelays.reduce((sum, seconds) => sum + seconds) / 3600).toBeCloseTo(75.6, 1)
    expect(await readWebhook(webhook)).toEqual({ is_active: true, disabled_reason: null, is_failing: true })
    expect((await database()`select count(*)::int as count from public.webhook_attempts where delivery_id = ${id!}`)[0]).toEqual({
      count: 10
    })
  })

  test('a retry waits as long as Retry-After says when that is longer', async () => {
    const webhook = await addWebhook()
    const ids = await addDeliveries(webhook, 2)
    const claimed = await claim()
    await record(...claimed.map(one => createFailure(one, { status: 429, retry_after: one.id === ids[0] ? 3_600 : 1 })))
    expect((await readDelivery(ids[0]!)).seconds).toBeGreaterThan(3_590)
    expect((await readDelivery(ids[1]!)).seconds).toBeLessThan(7)
  })

  test('a 410 response switches the webhook off and fails its waiting deliveries', async () => {
    const webhook = await addWebhook()
    const ids = await addDeliveries(webhook, 4)
    const [claimed] = await claim()
    await record(createFailure(claimed!, { status: 410, error: 'gone' }))
    expect(await readWebhook(webhook)).toEqual({ is_active: false, disabled_reason: 'gone', is_failing: true })
    expect(await readDelivery(claimed!.id)).toMatchObject({ state: 'failed', last_status: 410, last_error: 'gone' })
    for (const id of ids.filter(id => id !== claimed!.id))
      expect(await readDelivery(id)).toMatchObject({ state: 'failed', last_error: 'switched_off', seconds: null })
    const events =
      await database()`select type, channel, actor_id, "to" from public.ticket_events where team_id = ${team} and type = 'webhook.disabled'`
    expect(events).toEqual([
      {
        type: 'webhook.disabled',
        channel: 'job',
        actor_id: null,
        to: { id: webhook, name: 'Hook', reason: 'Its address answered 410 Gone' }
      }
    ])
  })

  test('a failure after 75 hours of failures switches the webhook off, and a success resets that time', async () => {
    const webhook = await addWebhook()
    const [first, second, third] = await addDeliveries(webhook, 3)
    const backdate = () => database()`
      update public.webhooks set failing_since = now() - make_interval(secs => ${disableAfterSeconds + 60}) where id = ${webhook}`
    await backdate()
    await record(createFailure({ id: first!, number: 0 }), createResult({ id: second!, number: 0 }))
    expect(await readWebhook(webhook)).toEqual({ is_active: true, disabled_reason: null, is_failing: false })
    await record(createFailure({ id: first!, number: 0 }))
    expect(await readWebhook(webhook)).toEqual({ is_active: true, disabled_reason: null, is_failing: true })
    await backdate()
    await record(createFailure({ id: third!, number: 0 }))
    expect(await readWebhook(webhook)).toEqual({ is_active: false, disabled_reason: 'failing', is_failing: true })
    expect(await readDelivery(third!)).toMatchObject({ state: 'failed' })
    await as(ann, sql => sql`update public.webhooks set is_active = true where id = ${webhook}`)
    expect(await readWebhook(webhook)).toEqual({ is_active: true, disabled_reason: null, is_failing: false })
    await as(ann, sql => sql`select private.redeliver_webhook(${team}, ${webhook}, ${third!})`)
    expect(await readDelivery(third!)).toMatchObject({ state: 'waiting', seconds: 0 })
  })

  test('a success still counts when its webhook was switched off during the attempt, and a failure is final', async () => {
    const webhook = await addWebhook()
    await addDeliveries(webhook, 2)
    const [one, two] = await claim()
    await as(ann, sql => sql`update public.webhooks set is_active = false where id = ${webhook}`)
    await record(createResult(one!), createFailure(two!))
    expect((await readDelivery(one!.id)).state).toBe('delivered')
    expect(await readDelivery(two!.id)).toMatchObject({ state: 'failed', last_error: 'switched_off' })
  })

  test('the result of an attempt is dropped when its webhook was deleted during the attempt', async () => {
    const webhook = await addWebhook()
    await addDeliveries(webhook, 2)
    const [one] = await claim()
    await database()`delete from public.webhooks where id = ${webhook}`
    await record(createResult(one!))
    expect(await database()`select from public.webhook_attempts where delivery_id = ${one!.id}`).toHaveLength(0)
  })

  test('a released delivery can be claimed again', async () => {
    const webhook = await addWebhook()
    const [id] = await addDeliveries(webhook)
    const [claimed] = await claim()
    await asJob(db => releaseDeliveries(db, [claimed!]))
    expect(await claim()).toMatchObject([{ id, number: 2 }])
  })
})

describe('redelivery', () => {
  test('a redelivery sends the same delivery again and restarts its retries', async () => {
    const webhook = await addWebhook()
    const [id] = await addDeliveries(webhook)
    const [first] = await claim()
    await record(createResult(first!))
    await as(ann, sql => sql`select private.redeliver_webhook(${team}, ${webhook}, ${id!})`)
    const [again] = await claim()
    expect(again).toMatchObject({ id, number: 2, payload: first!.payload })
    await record(createFailure(again!))
    const { state, seconds } = await readDelivery(id!)
    expect(state).toBe('waiting')
    expect(seconds).toBeLessThanOrEqual(6)
  })

  test('a redelivery changes nothing while a server holds the lease', async () => {
    const webhook = await addWebhook()
    const [id] = await addDeliveries(webhook)
    await claim()
    await as(ann, sql => sql`select private.redeliver_webhook(${team}, ${webhook}, ${id!})`)
    expect(await readDelivery(id!)).toMatchObject({ is_locked: true, attempts: 1 })
    expect(await claim()).toEqual([])
  })
})

test('deliveries, their attempts and their payloads are removed after 30 days', async () => {
  const webhook = await addWebhook()
  const [old, young] = await addDeliveries(webhook, 2)
  await record(...(await claim()).map(one => createResult(one)))
  await database()`update public.webhook_deliveries set created_at = now() - interval '30 days 1 minute' where id = ${old!}`
  await database()`update public.webhook_deliveries set created_at = now() - interval '29 days 23 hours' where id = ${young!}`
  expect(await asJob(db => removeOldDeliveries(db, 100))).toBe(1)
  expect(await database()`select delivery_id from public.webhook_attempts where team_id = ${team}`).toEqual([{ delivery_id: young }])
  expect(await asJob(db => removeOldDeliveries(db, 100))).toBe(0)
  await database()`update public.webhook_payloads set created_at = now() - interval '30 days 1 minute' where team_id = ${team}`
  expect(await asJob(db => removeOldDeliveries(db, 100)), 'a delivery still needs the payload').toBe(0)
  await database()`delete from public.webhook_deliveries where id = ${young!}`
  expect(await asJob(db => removeOldDeliveries(db, 100))).toBe(1)
  expect(await database()`select from public.webhook_payloads where team_id = ${team}`).toHaveLength(0)
})

describe('the webhook worker', () => {
  interface Received {
    body: string
    headers: IncomingMessage['headers']
  }

  /** Starts an HTTP receiver. `answer` gets the number of requests so far with the webhook id of this one. */
  async function startReceiver(answer: (response: ServerResponse, time: number) => unknown) {
    const received: Received[] = []
    const sockets = new Set<Socket>()
    const server = createServer(async (request, response) => {
      const body = (await buffer(request)).toString()
      received.push({ body, headers: request.headers })
      answer(response, received.filter(one => one.headers['webhook-id'] === request.headers['webhook-id']).length)
    })
    server.on('connection', socket => sockets.add(socket))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy()
      server.close()
    })
    const { port } = server.address() as AddressInfo
    return { url: `http://127.0.0.1:${port}/`, received }
  }

  const policy: SendOptions['policy'] = { allowed: readAllowed('127.0.0.1'), ownHosts: [] }
  const startSender = (options: { scale?: number; timeoutMs?: number } = {}) =>
    startWorkers(databaseUrl(), [deliverWebhooks({ policy, ...options })])
  const readStates = async (webhook: string) =>
    (await database()<{ state: string }[]>`select state from public.webhook_deliveries where webhook_id = ${webhook}`).map(
      ({ state }) => state
    )

  test('the worker sends waiting deliveries, signed, and new ones without waiting for its poll', async () => {
    const { url, received } = await startReceiver(response => response.end())
    const webhook = await addWebhook(url)
    const [id] = await addDeliveries(webhook)
    startSender()
    await vi.waitFor(async () => expect(await readStates(webhook)).toEqual(['delivered']), { timeout: 5_000 })
    expect(received).toHaveLength(1)
    expect(received[0]!.headers['webhook-id']).toBe(id)
    expect(new Webhook(secret).verify(received[0]!.body, received[0]!.headers as Record<string, string>)).toMatchObject({
      id,
      type: 'ping',
      team_id: team,
      data: {}
    })
    const started = performance.now()
    await addDeliveries(webhook)
    await vi.waitFor(() => expect(received).toHaveLength(2), { timeout: 2_000, interval: 5 })
    expect(performance.now() - started).toBeLessThan(1_000) // the poll interval is 5 s
  })

  test('the worker retries a failed delivery with the same id and body until it succeeds', async () => {
    const { url, received } = await startReceiver((response, time) => response.writeHead(time < 3 ? 500 : 200).end(`No. ${time}`))
    const webhook = await addWebhook(url)
    const ids = await addDeliveries(webhook, 5)
    startSender({ scale: 0.0005 })
    await vi.waitFor(async () => expect(await readStates(webhook)).toEqual(Array(5).fill('delivered')), { timeout: 15_000 })
    expect(received).toHaveLength(15)
    expect(new Set(received.map(({ headers }) => headers['webhook-id']))).toEqual(new Set(ids))
    expect(new Set(received.map(({ headers, body }) => `${headers['webhook-id']} ${body}`)).size).toBe(5)
    const attempts =
      await database()`select number, status, error, response from public.webhook_attempts where delivery_id = ${ids[0]!} order by number`
    expect(attempts).toEqual([
      { number: 1, status: 500, error: 'status', response: 'No. 1' },
      { number: 2, status: 500, error: 'status', response: 'No. 2' },
      { number: 3, status: 200, error: null, response: 'No. 3' }
    ])
    expect(await readWebhook(webhook)).toMatchObject({ is_active: true, is_failing: false })
  })

  test('webhooks that never answer do not delay the deliveries of others', async () => {
    const silentReceiver = await startReceiver(() => {})
    const { url, received } = await startReceiver(response => response.end())
    for (let number = 0; number < 12; number++) await addDeliveries(await addWebhook(silentReceiver.url), 20)
    startSender({ timeoutMs: 3_000 })
    await vi.waitFor(() => expect(silentReceiver.received.length).toBeGreaterThanOrEqual(20), { timeout: 5_000, interval: 20 })
    await sleep(3_200) // by now all of them count as failing
    const webhook = await addWebhook(url)
    const started = performance.now()
    await addDeliveries(webhook, 10)
    await vi.waitFor(() => expect(received).toHaveLength(10), { timeout: 5_000, interval: 5 })
    expect(performance.now() - started).toBeLessThan(1_000)
    await stopWorkers()
  })

  test('the worker renews the lease of a slow delivery, and a lease that is not renewed lasts 5 s', async () => {
    const { url, received } = await startReceiver(response => setTimeout(() => response.end(), 7_000))
    const webhook = await addWebhook(url)
    const [id] = await addDeliveries(webhook)
    startSender()
    await vi.waitFor(async () => expect(await readStates(webhook)).toEqual(['delivered']), { timeout: 12_000 })
    expect([received.length, (await readDelivery(id!)).attempts]).toEqual([1, 1])
    await stopWorkers()
    await addDeliveries(webhook)
    const [{ seconds }] = await asJob(async db => {
      await claimDeliveries(db, { maxInFlight: 20 })
      return (
        await sql<{
          seconds: number
        }>`
          select extract(epoch from locked_until - now())::float8 as seconds from webhook_deliveries
          where webhook_id = ${webhook} and state = 'waiting'`.execute(db)
      ).rows as [{ seconds: number }]
    })
    expect(seconds).toBe(5)
  })

  test('the worker keeps its claims until it stops, even when the connection of its server lock is lost', async () => {
    const silentReceiver = await startReceiver(() => {})
    const webhook = await addWebhook(silentReceiver.url)
    await addDeliveries(webhook, 4)
    startSender()
    // The first claim may come before the server lock; its renewal comes after it.
    const server = await vi.waitFor(
      async () => {
        const [held] = await database()<
          { locked_by: number | null }[]
        >`select locked_by from public.webhook_deliveries where webhook_id = ${webhook} and locked_by is not null`
        return held!.locked_by!
      },
      { timeout: 5_000 }
    )
    const readLockHolder = async () =>
      (
        await database()<{ pid: number }[]>`
          select pid from pg_locks
          where locktype = 'advisory' and classid::bigint = hashtext(${serverLocks})::bigint & 4294967295 and objid::bigint = ${server}
            and mode = 'ExclusiveLock' and granted`
      )[0]?.pid
    const first = await readLockHolder()
    expect(first).toBeGreaterThan(0)
    expect(await claim()).toEqual([])
    await database()`select pg_terminate_backend(${first!})`
    await vi.waitFor(async () => expect(await readLockHolder()).toSatisfy((pid?: number) => pid !== undefined && pid !== first), {
      timeout: 5_000
    })
    expect(await claim()).toEqual([])
    expect(silentReceiver.received).toHaveLength(2)
    await stopWorkers()
    expect(await readLockHolder()).toBeUndefined()
  })

  test('a worker that stops releases its unfinished deliveries', async () => {
    const { url, received } = await startReceiver((response, time) => time > 1 && response.end())
    const webhook = await addWebhook(url)
    const [id] = await addDeliveries(webhook)
    startSender()
    await vi.waitFor(() => expect(received).toHaveLength(1), { timeout: 5_000 })
    await stopWorkers()
    expect(await readDelivery(id!)).toMatchObject({ state: 'waiting', is_locked: false })
    startSender()
    await vi.waitFor(async () => expect(await readStates(webhook)).toEqual(['delivered']), { timeout: 5_000 })
    expect(received.map(({ headers }) => headers['webhook-id'])).toEqual([id, id])
  })

  test('the worker never calls a private address, even one that was saved past the server', async () => {
    const { url, received } = await startReceiver(response => response.end())
    const webhook = await addWebhook(url)
    const [id] = await addDeliveries(webhook)
    startWorkers(databaseUrl(), [deliverWebhooks({ policy: { allowed: [], ownHosts: [] } })])
    await vi.waitFor(
      async () => expect(await readDelivery(id!)).toMatchObject({ attempts: 1, last_error: 'private_address', is_locked: false }),
      {
        timeout: 5_000
      }
    )
    expect(received).toHaveLength(0)
  })

  test('the worker broadcasts progress to the team about once a second', async () => {
    const { url } = await startReceiver(response => response.end())
    const webhook = await addWebhook(url)
    startSender()
    await addDeliveries(webhook, 50)
    const received = () => database()<{ payload: { operation: string; record: object } }[]>`
      select payload from realtime.messages
      where payload ->> 'table' = 'webhooks' and payload ->> 'operation' = 'UPDATE' and payload #>> '{record,id}' = ${webhook}`
    await vi.waitFor(async () => expect(new Set(await readStates(webhook))).toEqual(new Set(['delivered'])), { timeout: 10_000 })
    await vi.waitFor(async () => expect((await received()).length).toBeGreaterThan(0), { timeout: 3_000 })
    const messages = await received()
    expect(messages.length).toBeLessThan(20) // of fifty deliveries, however slow the machine
    expect(messages[0]!.payload.record).toEqual({ id: webhook, team_id: team })
  })
})
