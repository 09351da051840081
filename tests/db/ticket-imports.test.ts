import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { readImport, type ImportRequest } from '#shared/schemas/import'
import type { Issue, Page, Reply } from '#shared/types/api'
import { ticketPriorities, ticketStatuses } from '#shared/ticket'
import { configureMail } from '#server/adapters/mail'
import { asUser, type Claims } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import type { Db } from '#server/db/types'
import { createReply, deleteReply, listReplies } from '#server/domain/reply'
import { getReport } from '#server/domain/report'
import { searchTeam } from '#server/domain/search'
import { changeTickets, undoOperation } from '#server/domain/ticket/bulk'
import { importTicket } from '#server/domain/ticket/import'
import { updateTicket } from '#server/domain/ticket/update'
import { bulkOperationsJob, removeBulkOperationsJob } from '#server/jobs/bulk-operations'
import { closeResolvedTicketsJob } from '#server/jobs/close-resolved-tickets'
import { removeBudgetsJob } from '#server/jobs/remove-budgets'
import { removeDeliveriesJob } from '#server/jobs/deliver-webhooks'
import { dispatchEvents } from '#server/jobs/dispatch-events'
import { removeIdempotencyKeysJob } from '#server/jobs/remove-idempotency-keys'
import { removeNotificationsJob } from '#server/jobs/remove-notifications'
import { removeMailsJob } from '#server/jobs/send-mails'
import { wakeSnoozedTickets } from '#server/jobs/wake-snoozed-tickets'
import { htmlToText } from '../../scripts/import/html.ts'
import { database, databaseUrl, impersonate } from '../support/as.ts'
import { acme, addTeam, type Person } from '../support/world.ts'

const teams: string[] = []

// Separate people: this file commits, and its teams must not appear among those of the people of other files.
const person = (name: string, role: Person['role']): Person => ({
  id: randomUUID(),
  email: `${name.split(' ')[0]!.toLowerCase()}@imports.test`,
  name,
  role
})
const [ann, adam, bob, vera, dan] = [
  person('Ann Importer', 'owner'),
  person('Adam Importer', 'admin'),
  person('Bob Importer', 'member'),
  person('Vera Importer', 'viewer'),
  person('Dan Stranger', 'owner')
]

beforeAll(async () => {
  for (const { id, email, name } of [ann, adam, bob, vera, dan])
    await database()`
      insert into auth.users (id, email, raw_user_meta_data) values (${id}, ${email}, ${database().json({ full_name: name })})`
  configureDatabase(databaseUrl(), 4)
})
afterEach(async () => {
  if (teams.length > 0) await database()`delete from public.teams where id in ${database()(teams.splice(0))}`
})
afterAll(async () => {
  await database()`delete from auth.users where id in ${database()([ann, adam, bob, vera, dan].map(({ id }) => id))}`
  await closePool()
})

/** Creates a team of Ann, Adam, Bob and Vera, with a webhook for ticket events. */
async function newTeam(): Promise<string> {
  const id = randomUUID()
  teams.push(id)
  await database().begin(async sql => {
    await addTeam(sql, id, [ann, adam, bob, vera])
    const events = ['ticket.created', 'ticket.status_changed', 'ticket.snoozed', 'ticket.tags_changed', 'ticket.assigned', 'reply.created']
    await sql`
      insert into public.webhooks (team_id, name, url, events, created_by)
      values (${id}, 'Everything', 'https://hooks.acme.test/all', ${events}, ${ann.id})`
  })
  return id
}

const as = <T>(person: Person, work: (db: Db) => Promise<T>) => asUser({ sub: person.id, email: person.email } satisfies Claims, work)

/** Parses a record of a file as the import command does. */
function parseRecord(record: object): { request: ImportRequest; notes: Issue[] } {
  const reading = readImport(record, { htmlToText })
  if ('issues' in reading) throw new Error(JSON.stringify(reading.issues))
  return reading
}

/** Imports a record of a file as the import command does. Returns the id of its ticket. */
async function importRecord(teamId: string, record: object, person: Person = ann): Promise<string> {
  const { request } = parseRecord(record)
  expect(await as(person, db => importTicket(db, teamId, request))).toEqual(expect.any(Array))
  const [row] = await database()<
    { ticket_id: string }[]
  >`select ticket_id from private.ticket_imports where team_id = ${teamId} and source_id = ${request.source_id}`
  return row!.ticket_id
}

/** The replies of a ticket, as `person` reads them. */
async function readConversation(person: Person, teamId: string, ticketId: string): Promise<Reply[]> {
  return ((await as(person, db => listReplies(db, teamId, ticketId, { page: 1, page_size: 100 }))) as Page<Reply>).data
}

const day = 86_400_000
const daysAgo = (days: number) => new Date(Date.now() - days * day).toISOString()

/** Requests in every status, with and without replies, notes, tags, requesters, times and snoozes. */
function generateRequests(count: number): object[] {
  return Array.from({ length: count }, (_, index) => {
    const status = ticketStatuses[index % ticketStatuses.length]!
    const isOver = status === 'resolved' || status === 'closed'
    const created = 400 - (index % 390)
    return {
      id: `generated-${index}`,
      title: `Request ${index}`,
      body: `What happened in ${index}`,
      status,
      priority: ticketPriorities[index % ticketPriorities.length],
      ...(index % 3 ? { created_at: daysAgo(created) } : {}),
      ...(index % 9 ? {} : { assignee: bob.email }),
      ...(isOver && index % 4 === 0 ? { resolved_at: daysAgo(created / 2) } : {}),
      ...(status === 'closed' && index % 8 === 0 ? { closed_at: daysAgo(created / 3) } : {}),
      ...(!isOver && index % 7 === 0 ? { snoozed_until: new Date(Date.now() + (1 + (index % 28)) * day).toISOString() } : {}),
      ...(index % 5 ? { requester_name: `Client ${index}`, requester_email: `client${index % 40}@example.test` } : {}),
      tags: index % 6 ? [] : ['imported', `group-${index % 10}`],
      replies: Array.from({ length: index % 4 }, (_, reply) => ({
        content: `Answer ${reply}, <@${bob.id}>`,
        is_internal: reply === 2,
        ...(reply === 1 ? { author: 'requester' } : {}),
        ...(index % 2 ? { created_at: daysAgo(created / (2 + reply)) } : {})
      }))
    }
  })
}

/** Simulates the passing of days: moves all times of the team's tickets back. */
async function letDaysPass(teamId: string, days: number): Promise<void> {
  await database().begin(async sql => {
    await sql`select set_config('switchboard.channel', 'import', true)`
    await sql`
      update public.tickets
      set created_at = created_at - make_interval(days => ${days}),
        resolved_at = resolved_at - make_interval(days => ${days}),
        closed_at = closed_at - make_interval(days => ${days}),
        first_response_at = first_response_at - make_interval(days => ${days}),
        last_activity_at = last_activity_at - make_interval(days => ${days})
      where team_id = ${teamId}`
    await sql`update private.ticket_imports set resolved_at = resolved_at - make_interval(days => ${days}) where team_id = ${teamId}`
    // A snooze cannot be set to the past: those that would end within these days end now.
    await sql`
      update public.tickets set snoozed_until = clock_timestamp() + interval '1 millisecond'
      where team_id = ${teamId} and snoozed_until between now() + interval '1 minute' and now() + make_interval(days => ${days})`
  })
}

const createSignal = () => new AbortController().signal

/** Runs the jobs and workers of a server once. */
async function runJobs(): Promise<void> {
  for (const job of [
    closeResolvedTicketsJob,
    bulkOperationsJob,
    removeBulkOperationsJob,
    removeMailsJob,
    removeIdempotencyKeysJob,
    removeNotificationsJob,
    removeDeliveriesJob,
    removeBudgetsJob
  ])
    await job.run(createSignal())
  await wakeSnoozedTickets(createSignal())
  await dispatchEvents(createSignal())
}

/** Counts the mails, deliveries and notifications of a team, and its events in the outbox. */
async function countAnnouncements(teamId: string): Promise<Record<string, number>> {
  const [counts] = await database()<[Record<string, number>]>`
    select
      (select count(*)::int from public.mails where team_id = ${teamId}) as mails,
      (select count(*)::int from public.webhook_deliveries where team_id = ${teamId}) as deliveries,
      (select count(*)::int from public.notifications where team_id = ${teamId}) as notifications,
      (select count(*)::int from private.event_outbox where team_id = ${teamId}) as waiting`
  return counts
}

const noAnnouncements = { mails: 0, deliveries: 0, notifications: 0, waiting: 0 }

function enableMail(): void {
  configureMail({ smtpUrl: 'smtp://127.0.0.1:9', mailFrom: 'Switchboard <support@desk.test>' })
  onTestFinished(() => configureMail({ smtpUrl: '', mailFrom: '' }))
}

describe('imported tickets', () => {
  test('imported tickets are not announced, neither on import nor by jobs in the next 30 days', { timeout: 120_000 }, async () => {
    enableMail()
    const team = await newTeam()
    const ids: string[] = []
    for (const request of generateRequests(400)) ids.push(await importRecord(team, request))
    await runJobs()
    expect(await countAnnouncements(team)).toEqual(noAnnouncements)

    const activity = () =>
      database()`select id, last_activity_at - created_at as after from public.tickets where team_id = ${team} order by id`
    const before = await activity()
    await letDaysPass(team, 30)
    await runJobs()
    await runJobs()
    expect(await countAnnouncements(team)).toEqual(noAnnouncements)
    expect(await activity()).toEqual(before)
    const [{ resolved, snoozed }] = await database()<[{ resolved: number; snoozed: number }]>`
      select count(*) filter (where status = 'resolved')::int as resolved,
        count(*) filter (where snoozed_until is not null)::int as snoozed
      from public.tickets where team_id = ${team}`
    expect({ resolved, snoozed }).toEqual({ resolved: 0, snoozed: 0 }) // the jobs have run

    const channels = await database()<
      { type: string; channel: string }[]
    >`select distinct type, channel from public.ticket_events where team_id = ${team} and ticket_id is not null order by 1, 2`
    expect(channels.filter(({ channel }) => channel !== 'import')).toEqual([
      { type: 'ticket.snoozed', channel: 'job' },
      { type: 'ticket.status_changed', channel: 'job' }
    ])
    expect(new Set(ids).size).toBe(400)
  })

  test('events of an import have the times of the file and the channel import, whatever channel the caller has', async () => {
    const team = await newTeam()
    const record = {
      id: 1,
      title: 'Old',
      body: 'x',
      status: 'resolved',
      tags: ['b', 'a'],
      created_at: '2024-03-01T08:00:00Z',
      resolved_at: '2024-03-03T08:00:00Z',
      replies: [
        { content: 'First', created_at: '2024-03-01T09:00:00Z' },
        { content: 'Note', is_internal: true, created_at: '2024-03-02T09:00:00Z' }
      ]
    }
    const { request } = parseRecord(record)
    await asUser({ sub: ann.id, email: ann.email }, db => importTicket(db, team, request), { channel: 'ui' })
    const events = await database()<{ type: string; channel: string; created_at: Date }[]>`
      select type, channel, created_at from public.ticket_events where team_id = ${team} and ticket_id is not null
      order by created_at, type`
    expect(new Set(events.map(({ channel }) => channel))).toEqual(new Set(['import']))
    expect(
      events.filter(({ type }) => type !== 'ticket.tags_changed').map(({ type, created_at }) => [type, created_at.toISOString()])
    ).toEqual([
      ['ticket.created', '2024-03-01T08:00:00.000Z'],
      ['reply.created', '2024-03-01T09:00:00.000Z'],
      ['reply.created', '2024-03-02T09:00:00.000Z']
    ])
    for (const { type, created_at } of events)
      if (type === 'ticket.tags_changed') expect(created_at.toISOString()).toBe('2024-03-01T08:00:00.000Z')
    const [ticket] = await database()`
      select created_at, resolved_at, first_response_at, last_activity_at, closed_at from public.tickets where team_id = ${team}`
    expect(JSON.parse(JSON.stringify(ticket))).toEqual({
      created_at: '2024-03-01T08:00:00.000Z',
      resolved_at: '2024-03-03T08:00:00.000Z',
      first_response_at: '2024-03-01T09:00:00.000Z',
      last_activity_at: '2024-03-03T08:00:00.000Z',
      closed_at: null
    })
  })

  test('a reply after an import in the same transaction is announced as usual', async () => {
    enableMail()
    const team = await newTeam()
    const { request } = parseRecord({ id: 1, title: 'Old', body: 'x', requester_email: 'client@example.test', tags: ['a'] })
    await as(bob, async db => {
      await importTicket(db, team, request)
      const { id } = await db.selectFrom('tickets').select('id').where('team_id', '=', team).executeTakeFirstOrThrow()
      await createReply(db, { teamId: team, userId: bob.id }, id, { content: 'New', format: 'text', is_internal: false })
    })
    await dispatchEvents(createSignal())
    expect(await countAnnouncements(team)).toMatchObject({ mails: 1, deliveries: 1 })
  })

  test('changes that a person makes to imported tickets are announced, and so are later changes by jobs', async () => {
    enableMail()
    const team = await newTeam()
    const record = (id: string, status: string) => ({
      id,
      title: id,
      body: 'x',
      status,
      created_at: daysAgo(100),
      requester_email: 'client@example.test'
    })
    const [resolvedAgain, resolved, assigned, answered, snoozed] = [
      await importRecord(team, record('a', 'resolved')),
      await importRecord(team, record('b', 'open')),
      await importRecord(team, record('c', 'open')),
      await importRecord(team, record('d', 'waiting')),
      await importRecord(team, { ...record('e', 'open'), snoozed_until: new Date(Date.now() + day).toISOString() })
    ]
    const received = async (id: string) => {
      await dispatchEvents(createSignal())
      const [mails, deliveries] = [
        await database()<
          { kind: string }[]
        >`select kind from public.mails where ticket_id = ${id} and recipient = 'client@example.test' order by kind`,
        await database()<{ type: string }[]>`
          select delivery.type from public.webhook_deliveries as delivery
          join public.webhook_payloads as payload on payload.id = delivery.payload_id where payload.data #>> '{ticket,id}' = ${id}
          order by delivery.type`
      ]
      return [mails.map(({ kind }) => kind), deliveries.map(({ type }) => type)]
    }
    await as(bob, db => updateTicket(db, team, resolved, { status: 'resolved' }))
    expect(await received(resolved)).toEqual([['rating_request', 'status_changed'], ['ticket.status_changed']])
    await as(adam, db => updateTicket(db, team, assigned, { assigned_to: bob.id }))
    expect(await received(assigned)).toEqual([['assigned'], ['ticket.assigned']])
    await as(bob, db =>
      createReply(db, { teamId: team, userId: bob.id }, answered, { content: 'Here you are', format: 'text', is_internal: false })
    )
    expect(await received(answered)).toEqual([['public_reply'], ['reply.created']])
    await as(bob, db => updateTicket(db, team, snoozed, { snoozed_until: new Date(Date.now() + 500).toISOString() }))
    expect(await received(snoozed)).toEqual([[], ['ticket.snoozed']])

    // A person reopened and resolved the ticket: from now on, its closing by the job is announced.
    await as(bob, db => updateTicket(db, team, resolvedAgain, { status: 'open' }))
    await as(bob, db => updateTicket(db, team, resolvedAgain, { status: 'resolved' }))
    await letDaysPass(team, 30)
    await vi.waitFor(
      async () => {
        await runJobs()
        expect(await database()`select from public.tickets where team_id = ${team} and snoozed_until is not null`).toEqual([])
      },
      { timeout: 5_000 }
    )
    expect((await received(resolvedAgain))[1]).toEqual(['ticket.status_changed', 'ticket.status_changed', 'ticket.status_changed'])
    expect((await received(snoozed))[1]).toEqual(['ticket.snoozed', 'ticket.snoozed'])
    expect(await database()`select from public.tickets where id = ${resolvedAgain} and status = 'closed'`).toHaveLength(1)
  })

  test("deleting an assignee's account announces only the tickets that were assigned after the import", async () => {
    enableMail()
    const team = await newTeam()
    const eve = person('Eve Importer', 'member')
    await database()`
      insert into auth.users (id, email, raw_user_meta_data) values (${eve.id}, ${eve.email}, ${database().json({ full_name: eve.name })})`
    await database()`insert into public.team_members (team_id, user_id, role) values (${team}, ${eve.id}, 'member')`
    const record = (id: string, status: string) => ({
      id,
      title: id,
      body: 'x',
      status,
      created_at: daysAgo(100),
      requester_email: 'client@example.test'
    })
    const openTicket = await importRecord(team, {
      ...record('a', 'open'),
      assignee: eve.email,
      snoozed_until: new Date(Date.now() + day).toISOString()
    })
    const closedTicket = await importRecord(team, { ...record('b', 'closed'), assignee: eve.email })
    const assigned = await importRecord(team, record('c', 'open'))
    await as(adam, db => updateTicket(db, team, assigned, { assigned_to: eve.id }))
    await dispatchEvents(createSignal())
    await database()`delete from public.webhook_deliveries where team_id = ${team}`
    const activity = () =>
      database()`select id, last_activity_at from public.tickets where id in ${database()([openTicket, closedTicket])} order by id`
    const before = await activity()

    await database()`delete from auth.users where id = ${eve.id}`
    await dispatchEvents(createSignal())
    expect(await database()`select from public.tickets where team_id = ${team} and assigned_to is not null`).toEqual([])
    expect(
      await database()`
        select delivery.type, payload.data #>> '{ticket,id}' as ticket from public.webhook_deliveries as delivery
        join public.webhook_payloads as payload on payload.id = delivery.payload_id where delivery.team_id = ${team}`
    ).toEqual([{ type: 'ticket.assigned', ticket: assigned }])
    expect(await activity()).toEqual(before)
  })

  test('the person who imported a ticket is notified of it only when they follow it', async () => {
    const team = await newTeam()
    const id = await importRecord(team, { id: 'a', title: 'a', body: 'x', assignee: bob.email, created_at: daysAgo(100) })
    const followed = await importRecord(team, { id: 'b', title: 'b', body: 'x', assignee: bob.email, created_at: daysAgo(100) })
    await as(ann, db => db.insertInto('ticket_followers').values({ team_id: team, ticket_id: followed, user_id: ann.id }).execute())
    for (const ticket of [id, followed]) {
      await as(adam, db =>
        createReply(db, { teamId: team, userId: adam.id }, ticket, { content: 'Here you are', format: 'text', is_internal: false })
      )
      await as(adam, db => updateTicket(db, team, ticket, { status: 'resolved' }))
    }
    await dispatchEvents(createSignal())
    expect(
      await database()`select ticket_id, kind from public.notifications where team_id = ${team} and user_id = ${ann.id} order by kind`
    ).toEqual([
      { ticket_id: followed, kind: 'replied' },
      { ticket_id: followed, kind: 'resolved' }
    ])
    expect(await database()`select from public.notifications where team_id = ${team} and user_id = ${bob.id}`).toHaveLength(4)
  })

  test('a bulk operation changes imported tickets, and its undo restores them', async () => {
    enableMail()
    const team = await newTeam()
    const ids = [
      await importRecord(team, { id: 1, title: 'One', body: 'x', status: 'resolved', resolved_at: daysAgo(50), created_at: daysAgo(60) }),
      await importRecord(team, { id: 2, title: 'Two', body: 'x', status: 'open', created_at: daysAgo(60) })
    ]
    const before = await database()`select status, resolved_at from public.tickets where team_id = ${team} order by ticket_number`
    const { operation_id } = await as(ann, db => changeTickets(db, { teamId: team, userId: ann.id }, { ids, action: 'close', value: null }))
    await as(ann, db => undoOperation(db, team, operation_id))
    expect(await database()`select status, resolved_at from public.tickets where team_id = ${team} order by ticket_number`).toEqual(before)
    await runJobs()
    // Two closed and two restored; the closing by the job is history.
    expect(await countAnnouncements(team)).toMatchObject({ deliveries: 4, waiting: 0 })
  })
})

describe('rights to import', () => {
  test.each([
    ['a viewer cannot import an open ticket', vera, 'open', 'PT403'],
    ['a stranger cannot import an open ticket', dan, 'open', 'PT403'],
    ['a member cannot import a closed ticket', bob, 'closed', 'PT403'],
    ['a member can import a resolved ticket', bob, 'resolved', undefined],
    ['an owner can import a closed ticket', ann, 'closed', undefined]
  ] as const)('%s', async (_, person, status, code) => {
    const team = await newTeam()
    const attempt = database()
      .begin(async sql => {
        await impersonate(sql, person)
        const ticket = {
          subject: 'x',
          description: 'x',
          status,
          priority: 'normal',
          format: 'text',
          severity: 3,
          category: 'other',
          route: [],
          tags: []
        }
        await sql`select private.import_ticket(${team}, 'x', ${sql.json(ticket)}, '[]')`
      })
      .then(
        () => undefined,
        (error: { code: string }) => error.code
      )
    expect(await attempt).toBe(code)
    expect(await database()`select from public.tickets where team_id = ${team}`).toHaveLength(code ? 0 : 1)
    expect(await database()`select from private.ticket_imports where team_id = ${team}`).toHaveLength(code ? 0 : 1)
  })
})

describe('authors of imported replies', () => {
  const record = {
    id: 'authors',
    title: 'Authors',
    body: 'x',
    requester_name: 'Rita',
    requester_email: 'Rita@Example.test',
    created_at: '2024-03-01T08:00:00Z',
    replies: [
      'Ann imports',
      { content: 'Rita asks', author: 'requester' },
      { content: 'Rita again', author: 'rita@example.test' },
      { content: 'And again', author: 'Rita' },
      { content: 'Bob answers', author: bob.email.toUpperCase() },
      { content: 'Sam notes', author: 'Sam', is_internal: true },
      { content: 'Somebody else', author: 'sam@old.test' }
    ]
  }

  test('an imported reply is by the member with that address, the requester or somebody without an account', async () => {
    const team = await newTeam()
    const ticket = await importRecord(team, record)
    const replies = await readConversation(vera, team, ticket)
    expect(replies.map(({ content, author_kind, author, author_name }) => [content, author_kind, author.id, author_name])).toEqual([
      ['Ann imports', 'agent', ann.id, ann.name],
      ['Rita asks', 'requester', null, 'Rita'],
      ['Rita again', 'requester', null, 'Rita'],
      ['And again', 'requester', null, 'Rita'],
      ['Bob answers', 'agent', bob.id, bob.name],
      ['Sam notes', 'agent', null, 'Sam'],
      ['Somebody else', 'agent', null, 'sam@old.test']
    ])
    expect(
      replies.every(({ user_id, author }) =>
        author.id === null ? ![ann.id, adam.id, bob.id, vera.id].includes(user_id) : user_id === author.id
      )
    ).toBe(true)
    const found = await as(vera, db => searchTeam(db, { teamId: team, userId: vera.id }, { q: 'rita asks', limit: 10 }))
    expect(found.replies.map(({ author }) => author)).toEqual([{ id: null, full_name: 'Rita', avatar_url: null }])
    const [broadcast] = await database()<{ record: Record<string, unknown> }[]>`
      select payload -> 'record' as record from realtime.messages
      where payload ->> 'table' = 'ticket_replies' and payload #>> '{record,content}' = 'Rita asks' order by inserted_at desc limit 1`
    expect({ ...broadcast!.record, created_at: new Date(broadcast!.record.created_at as string) }).toEqual({
      ...replies[1]!,
      created_at: new Date(replies[1]!.created_at)
    })
  })

  test('a reply of the requester is no first response, and reports credit a reply only to its author', async () => {
    const team = await newTeam()
    const only = await importRecord(team, { ...record, id: 'asked', replies: record.replies.slice(1, 4) })
    const answered = await importRecord(team, {
      ...record,
      id: 'answered',
      replies: record.replies
        .slice(1, 5)
        .map(reply =>
          typeof reply === 'string'
            ? reply
            : { ...reply, created_at: reply.content.startsWith('Bob') ? '2024-03-02T08:00:00Z' : '2024-03-01T09:00:00Z' }
        )
    })
    const first = async (id: string) =>
      (await database()<{ first_response_at: Date | null }[]>`select first_response_at from public.tickets where id = ${id}`)[0]!
        .first_response_at
    expect(await first(only)).toBeNull()
    expect(await first(answered)).toEqual(new Date('2024-03-02T08:00:00Z'))
    const report = await as(ann, db => getReport(db, team, 30, new Date('2024-03-10T00:00:00Z')))
    expect(report.per_agent.filter(({ replies }) => replies > 0).map(({ name, replies }) => [name, replies])).toEqual([[bob.name, 1]])
  })

  test('an author object says who wrote a reply where a name or an address is ambiguous', async () => {
    const team = await newTeam()
    const ticket = await importRecord(team, {
      ...record,
      replies: [
        { content: 'Another Rita notes', author: { kind: 'agent', name: 'Rita' }, is_internal: true },
        { content: 'Her sister asks', author: { kind: 'requester', name: 'Mia' } },
        { content: 'By address', author: { kind: 'agent', email: 'rita@example.test' } }
      ]
    })
    expect(
      (await readConversation(vera, team, ticket)).map(({ author_kind, author_name, is_internal }) => [
        author_kind,
        author_name,
        is_internal
      ])
    ).toEqual([
      ['agent', 'Rita', true],
      ['requester', 'Mia', false],
      ['agent', 'rita@example.test', false]
    ])
  })

  test("the member who imported a requester's reply cannot delete it, and an admin can", async () => {
    const team = await newTeam()
    const ticket = await importRecord(team, { ...record, replies: record.replies.slice(1, 2) }, bob)
    const [reply] = await readConversation(bob, team, ticket)
    await expect(as(bob, db => deleteReply(db, team, ticket, reply!.id))).rejects.toMatchObject({ statusCode: 403 })
    await as(adam, db => deleteReply(db, team, ticket, reply!.id))
    const [event] = await database()<
      { author: unknown }[]
    >`select "from" -> 'author' as author from public.ticket_events where ticket_id = ${ticket} and type = 'reply.deleted'`
    expect(event!.author).toEqual({ id: null, full_name: 'Rita' })
  })

  test('only owners and admins can import replies in the name of other members', async () => {
    const team = await newTeam()
    const { request } = parseRecord({ ...record, replies: [{ content: 'As Ann', author: ann.email }] })
    await expect(as(bob, db => importTicket(db, team, request))).rejects.toMatchObject({ code: 'PT403' })
    expect(await database()`select from public.tickets where team_id = ${team}`).toEqual([])
    await importRecord(team, { ...record, replies: [{ content: 'As myself', author: bob.email }] }, bob)
  })

  test('only an import can set the author of a reply', async () => {
    const team = await newTeam()
    const ticket = await importRecord(team, record)
    for (const columns of [
      { author_kind: 'requester', external_author: 'Rita' },
      { external_author: 'Rita' },
      { author_kind: 'requester' },
      { contact_id: acme.contacts.carla }
    ]) {
      await expect(
        database().begin(async sql => {
          await impersonate(sql, ann)
          await sql`insert into public.ticket_replies ${sql({ team_id: team, ticket_id: ticket, content: 'Forged', ...columns })}`
        })
      ).rejects.toMatchObject({ code: '42501' })
    }
    const reply = { team_id: team, ticket_id: ticket, user_id: ann.id, content: 'x', author_kind: 'requester' }
    await expect(
      database()`insert into public.ticket_replies ${database()({ ...reply, external_author: 'Rita', is_internal: true })}`
    ).rejects.toMatchObject({ code: '23514' })
  })
})

describe('references of an imported request', () => {
  test('an import finds category, type and assignee by name, adds missing types and notes unknown assignees', async () => {
    const team = await newTeam()
    const notes = async (record: object, person: Person = ann) => as(person, db => importTicket(db, team, parseRecord(record).request))
    expect(await notes({ id: 1, title: 'One', category: 'feature request', route: ['Editor', 'Tables'], assignee: bob.name })).toEqual([
      { path: 'route', message: 'Was added to the team: Editor › Tables' }
    ])
    expect(
      await notes({ id: 2, title: 'Two', category: 'feature_request', route: ['editor', 'TABLES'], assignee: 'nobody@acme.test' })
    ).toEqual([{ path: 'assignee', message: 'nobody@acme.test is not an agent of this team; nobody is assigned' }])
    expect(await notes({ id: 3, title: 'Three', assignee: vera.email })).toEqual([
      { path: 'assignee', message: `${vera.email} is not an agent of this team; nobody is assigned` }
    ])
    const rows = await database()<{ category: string; type: string | null; item: string | null; assigned_to: string | null }[]>`
      select ticket.category, type.name as type, item.name as item, ticket.assigned_to from public.tickets as ticket
      left join public.ticket_types as type on type.id = ticket.type_id
      left join public.ticket_items as item on item.id = ticket.item_id where ticket.team_id = ${team} order by ticket_number`
    expect(rows).toEqual([
      { category: 'feature_request', type: 'Editor', item: 'Tables', assigned_to: bob.id },
      { category: 'feature_request', type: 'Editor', item: 'Tables', assigned_to: null },
      { category: 'other', type: null, item: null, assigned_to: null }
    ])
    await expect(notes({ id: 4, title: 'Four', category: 'gardening' })).rejects.toMatchObject({ code: 'PT400', detail: 'category' })
    await expect(notes({ id: 5, title: 'Five', category: 'bug', route: ['New'] }, bob)).rejects.toMatchObject({ code: 'PT403' })
    await expect(notes({ id: 6, title: 'Six', assignee: bob.email }, bob)).rejects.toMatchObject({ code: 'PT403' })
    await runJobs()
    expect(await countAnnouncements(team)).toEqual(noAnnouncements)
  })
})

describe('times of an imported request', () => {
  const readTimes = async (id: string) => {
    const [row] =
      await database()`select created_at, first_response_at, resolved_at, closed_at, last_activity_at from public.tickets where id = ${id}`
    return Object.fromEntries(Object.entries(row!).map(([name, value]) => [name, value && (value as Date).toISOString()]))
  }

  test('a reply that is older than its request gets the time of the request', async () => {
    const team = await newTeam()
    const { request } = parseRecord({
      id: 1,
      title: 'One',
      status: 'resolved',
      created_at: '2024-03-05T08:00:00Z',
      replies: [{ content: 'Four days before', created_at: '2024-03-01T08:00:00Z' }]
    })
    expect(await as(ann, db => importTicket(db, team, request))).toEqual([
      { path: 'replies[0].created_at', message: 'Is before the request, and was set to its time' }
    ])
    const [{ id }] = await database()<[{ id: string }]>`select id from public.tickets where team_id = ${team}`
    expect(await readTimes(id)).toEqual({
      created_at: '2024-03-05T08:00:00.000Z',
      first_response_at: '2024-03-05T08:00:00.000Z',
      resolved_at: '2024-03-05T08:00:00.000Z',
      closed_at: null,
      last_activity_at: '2024-03-05T08:00:00.000Z'
    })
    const report = await as(ann, db => getReport(db, team, 30, new Date('2024-03-10T00:00:00Z')))
    expect(report).toMatchObject({ median_first_response_hours: 0, median_resolution_hours: 0 })
  })

  test('missing times of a request are derived from those that are given', async () => {
    const team = await newTeam()
    const importAndReadTimes = async (record: object) => readTimes(await importRecord(team, record))
    expect(
      await importAndReadTimes({
        id: 1,
        title: 'One',
        status: 'closed',
        replies: [{ content: 'x', created_at: '2024-03-01T08:00:00Z' }],
        resolved_at: '2024-03-02T08:00:00Z'
      })
    ).toEqual({
      created_at: '2024-03-01T08:00:00.000Z',
      first_response_at: '2024-03-01T08:00:00.000Z',
      resolved_at: '2024-03-02T08:00:00.000Z',
      closed_at: '2024-03-02T08:00:00.000Z',
      last_activity_at: '2024-03-02T08:00:00.000Z'
    })
    expect(await importAndReadTimes({ id: 2, title: 'Two', status: 'closed', closed_at: '2024-03-02T08:00:00Z' })).toMatchObject({
      created_at: '2024-03-02T08:00:00.000Z',
      resolved_at: '2024-03-02T08:00:00.000Z',
      closed_at: '2024-03-02T08:00:00.000Z'
    })
    expect(
      await importAndReadTimes({
        id: 3,
        title: 'Three',
        status: 'open',
        created_at: '2024-03-01T08:00:00Z',
        resolved_at: '2024-03-02T08:00:00Z'
      })
    ).toMatchObject({ resolved_at: null, closed_at: null })
  })

  test('contradictory times of a request are refused', () => {
    const issues = (record: object) => {
      const reading = readImport({ id: 1, title: 'One', status: 'closed', ...record }, { htmlToText })
      return 'issues' in reading ? reading.issues : []
    }
    expect(issues({ created_at: '2024-03-02T00:00:00Z', resolved_at: '2024-03-01T00:00:00Z' })).toEqual([
      { path: 'resolved_at', message: 'Is before created_at' }
    ])
    expect(issues({ created_at: '2024-03-02T00:00:00Z', closed_at: '2024-03-01T00:00:00Z' })).toEqual([
      { path: 'closed_at', message: 'Is before created_at' }
    ])
    expect(issues({ resolved_at: '2024-03-02T00:00:00Z', closed_at: '2024-03-01T00:00:00+00:00' })).toEqual([
      { path: 'closed_at', message: 'Is before resolved_at' }
    ])
    expect(issues({ created_at: '2024-03-01T12:00:00+09:00', resolved_at: '2024-03-01T04:00:00Z' })).toEqual([])
  })

  test('replies with the same time keep their order', async () => {
    const team = await newTeam()
    const ticket = await importRecord(team, {
      id: 1,
      title: 'One',
      created_at: '2024-03-01T08:00:00Z',
      replies: Array.from({ length: 9 }, (_, index) => ({ content: `${index}`, created_at: '2024-03-01T09:00:00Z' }))
    })
    expect((await readConversation(ann, team, ticket)).map(({ content }) => content).join('')).toBe('012345678')
  })
})
