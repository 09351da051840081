import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { BulkRequest } from '#shared/schemas/bulk'
import { configureMail } from '#server/adapters/mail'
import { asService, asUser } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import { changeTickets, undoOperation } from '#server/domain/ticket/bulk'
import { getMsUntilNextWake, wakeDueTickets } from '#server/domain/ticket/snooze'
import { dispatchEvents } from '#server/jobs/dispatch-events'
import { wakeSnoozedTickets } from '#server/jobs/wake-snoozed-tickets'
import { database, databaseUrl, impersonate, service, session, type Session } from '../support/as.ts'
import { acme, adam, addTeam, ann, bob, vera, type Person } from '../support/world.ts'

const { bobs, closed } = acme.tickets
const hour = 3_600_000
const inHours = (hours: number) => new Date(Date.now() + hours * hour)
const later = inHours(3)

const snooze = ({ sql }: Session, until: Date | null, id: string = bobs) =>
  sql`update tickets set snoozed_until = ${until} where id = ${id}`
const readSnooze = async ({ as }: Session, id: string = bobs) =>
  as(
    service,
    async sql =>
      (
        await sql<
          { snoozed_until: Date | null; snoozed_by: string | null }[]
        >`select snoozed_until, snoozed_by from tickets where id = ${id}`
      )[0]!
  )
const awake = { snoozed_until: null, snoozed_by: null }

describe('a snoozed ticket', () => {
  test('a snoozed ticket stores until when it is snoozed and by whom', () =>
    session(bob, async session => {
      await snooze(session, later)
      expect(await readSnooze(session)).toEqual({ snoozed_until: later, snoozed_by: bob.id })
      await session.become(adam)
      await snooze(session, inHours(5))
      expect((await readSnooze(session)).snoozed_by).toBe(adam.id)
      await snooze(session, null)
      expect(await readSnooze(session)).toEqual(awake)
    }))

  test.each([
    ['now', 'now()', 'snooze_past'],
    ['the past', "now() - interval '1 second'", 'snooze_past'],
    ['minus infinity', "'-infinity'", 'snooze_past'],
    ['more than a year from now', "now() + interval '1 year 1 second'", 'snooze_too_long'],
    ['infinity', "'infinity'", 'snooze_too_long']
  ])('a ticket cannot be snoozed until %s', (_, until, detail) =>
    session(bob, async ({ refusal }) => {
      expect(await refusal(sql => sql.unsafe(`update tickets set snoozed_until = ${until} where id = '${bobs}'`))).toMatchObject({
        code: 'PT422',
        detail
      })
    })
  )

  test('a ticket can be snoozed for a whole year', () =>
    session(bob, async session => {
      await session.sql`update tickets set snoozed_until = now() + interval '1 year' where id = ${bobs}`
      expect((await readSnooze(session)).snoozed_until).not.toBeNull()
    }))

  test.each(['resolved', 'closed'] as const)('a ticket that becomes %s wakes and cannot be snoozed', status =>
    session(ann, async session => {
      await snooze(session, later)
      await session.sql`update tickets set status = ${status} where id = ${bobs}`
      expect(await readSnooze(session)).toEqual(awake)
      expect(await session.refusal(sql => sql`update tickets set snoozed_until = ${later} where id = ${bobs}`)).toMatchObject({
        code: 'PT422',
        detail: 'snooze_status'
      })
      expect(
        await session.refusal(sql => sql`update tickets set status = ${status}, snoozed_until = ${later} where id = ${acme.tickets.anns}`)
      ).toMatchObject({ code: 'PT422', detail: 'snooze_status' })
      await session.sql`update tickets set status = 'open', snoozed_until = ${later} where id = ${bobs}`
      expect((await readSnooze(session)).snoozed_until).toEqual(later)
    })
  )

  test('a check constraint refuses a closed ticket that is snoozed', () =>
    session(service, async ({ sql, refusal }) => {
      await sql`alter table tickets disable trigger _200_before_update`
      expect((await refusal(sql => sql`update tickets set snoozed_until = ${later} where id = ${closed}`)).code).toBe('23514')
    }))

  test.each(['in_progress', 'waiting'])('a ticket stays snoozed when it becomes %s', status =>
    session(bob, async session => {
      await snooze(session, later)
      await session.sql`update tickets set status = ${status}, priority = 'high', subject = 'Other' where id = ${bobs}`
      await session.sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${bobs}, 'later')`
      expect((await readSnooze(session)).snoozed_until).toEqual(later)
    })
  )

  test.each([
    ['a viewer replies', vera, false],
    ['a viewer adds a note', vera, true],
    ['an admin replies', adam, false],
    ['an admin adds a note', adam, true]
  ] as const)('a snoozed ticket wakes when %s', (_, person, isInternal) =>
    session(bob, async session => {
      await snooze(session, later)
      await session.become(person)
      await session.sql`
        insert into ticket_replies (team_id, ticket_id, content, is_internal) values (${acme.id}, ${bobs}, 'Any news?', ${isInternal})`
      expect(await readSnooze(session)).toEqual(awake)
    })
  )

  test('a ticket stays snoozed when its snoozer adds a note or somebody deletes a reply', () =>
    session(bob, async session => {
      await snooze(session, later)
      const [reply] = await session.sql`
        insert into ticket_replies (team_id, ticket_id, content, is_internal) values (${acme.id}, ${bobs}, 'Ordered a part', true)
        returning id`
      await session.become(ann)
      await session.sql`delete from ticket_replies where id = ${reply!.id as string}`
      expect((await readSnooze(session)).snoozed_until).toEqual(later)
    }))

  test('a change of assignee wakes a ticket, unless it snoozes the ticket too', () =>
    session(ann, async session => {
      await snooze(session, later)
      await session.sql`update tickets set assigned_to = ${adam.id} where id = ${bobs}`
      expect(await readSnooze(session)).toEqual(awake)
      await session.sql`update tickets set assigned_to = ${bob.id}, snoozed_until = ${later} where id = ${bobs}`
      expect(await readSnooze(session)).toEqual({ snoozed_until: later, snoozed_by: ann.id })
      await session.sql`update tickets set assigned_to = null where id = ${bobs}`
      expect(await readSnooze(session)).toEqual(awake)
    }))

  test('a ticket stays snoozed when its snoozer leaves the team, and then any reply wakes it', () =>
    session(ann, async session => {
      await session.become(adam)
      await snooze(session, later)
      await session.become(ann)
      await session.sql`select private.remove_member(${acme.id}, ${adam.id})`
      expect(await readSnooze(session)).toEqual({ snoozed_until: later, snoozed_by: null })
      await session.sql`insert into ticket_replies (team_id, ticket_id, content) values (${acme.id}, ${bobs}, 'Hello')`
      expect(await readSnooze(session)).toEqual(awake)
    }))

  test('snoozing and waking write one event each, and snoozing until the same time writes none', () =>
    session(bob, async session => {
      await snooze(session, later)
      await snooze(session, later) // nothing changes
      await session.become(vera)
      await session.sql`insert into ticket_replies (team_id, ticket_id, content) values (${acme.id}, ${bobs}, 'Hello')`
      const events = await session.as(
        service,
        sql =>
          sql<
            { actor_id: string; from: string | null; to: string | null }[]
          >`select actor_id, "from", "to" from ticket_events where ticket_id = ${bobs} and type = 'ticket.snoozed' order by id`
      )
      expect(events.map(({ actor_id, from, to }) => [actor_id, from && new Date(from), to && new Date(to)])).toEqual([
        [bob.id, null, later],
        [vera.id, later, null]
      ])
    }))

  test('a snoozed ticket is broadcast with the time and the person', () =>
    session(bob, async session => {
      await snooze(session, later)
      const [sent] = await session.as(
        service,
        sql =>
          sql<
            { payload: { record: Record<string, string>; changed: string[] } }[]
          >`select payload from realtime.messages where payload ->> 'table' = 'tickets' order by inserted_at desc, ctid desc limit 1`
      )
      expect(new Date(sent!.payload.record.snoozed_until!)).toEqual(later)
      expect(sent!.payload.record.snoozed_by).toBe(bob.id)
      expect(sent!.payload.changed).toEqual(expect.arrayContaining(['snoozed_until', 'snoozed_by']))
    }))
})

const teams: string[] = []

beforeAll(() => {
  configureDatabase(databaseUrl(), 4)
})
afterEach(async () => {
  if (teams.length > 0) await database()`delete from public.teams where id in ${database()(teams.splice(0))}`
})
afterAll(closePool)

/** Creates a team of Ann, Adam and Bob, with `count` tickets that Bob snoozed until `hours` from now. */
async function newTeam(count: number, hours: number): Promise<{ id: string; tickets: string[] }> {
  const id = randomUUID()
  teams.push(id)
  await database().begin(async sql => {
    await addTeam(sql, id, [ann, adam, bob])
    await sql`
      insert into public.tickets (team_id, subject, description, created_by, snoozed_until, snoozed_by)
      select ${id}, 'Ticket ' || n, 'x', ${ann.id}, ${inHours(hours)}, ${bob.id} from generate_series(1, ${count}) as n`
  })
  const tickets = await database()<{ id: string }[]>`select id from public.tickets where team_id = ${id} order by ticket_number`
  return { id, tickets: tickets.map(ticket => ticket.id) }
}

const run = (signal = new AbortController().signal) => wakeSnoozedTickets(signal)
const readTimes = async ({ id }: { id: string }) =>
  (
    await database()<
      { snoozed_until: Date | null }[]
    >`select snoozed_until from public.tickets where team_id = ${id} order by ticket_number`
  ).map(row => row.snoozed_until)
const readWakeEvents = ({ id }: { id: string }) =>
  database()<
    { ticket_id: string; actor_id: string | null; channel: string; to: string | null }[]
  >`select ticket_id, actor_id, channel, "to" from public.ticket_events where team_id = ${id} and type = 'ticket.snoozed'`

describe('waking due tickets', () => {
  test('the worker wakes a due ticket and no other', async () => {
    const due = await newTeam(1, -0.001)
    const notDue = await newTeam(1, 1)
    expect(await run()).toBe(1)
    expect(await readTimes(due)).toEqual([null])
    expect(await readTimes(notDue)).not.toContain(null)
    expect(await readWakeEvents(due)).toEqual([{ ticket_id: due.tickets[0], actor_id: null, channel: 'job', to: null }])
    expect(await run()).toBe(0)
  })

  test('the worker wakes all 450 tickets that became due while no server ran', async () => {
    const team = await newTeam(450, -100)
    expect(await run()).toBe(450)
    expect(await readTimes(team)).toEqual(Array.from({ length: 450 }, () => null))
  })

  test('each ticket wakes once when four servers run concurrently', async () => {
    const team = await newTeam(700, -1)
    const counts = await Promise.all([run(), run(), run(), run()])
    await run() // tickets that each run skipped because another held them
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(700)
    expect((await readWakeEvents(team)).map(event => event.ticket_id).sort()).toEqual([...team.tickets].sort())
  })

  test('four servers that wake and dispatch concurrently send one notification and one mail per ticket', async () => {
    configureMail({ smtpUrl: 'smtp://127.0.0.1:9', mailFrom: 'Switchboard <support@desk.test>' })
    onTestFinished(() => configureMail({ smtpUrl: '', mailFrom: '' }))
    const team = await newTeam(120, 1)
    await database().begin(async sql => {
      await impersonate(sql, bob)
      await sql`update public.tickets set snoozed_until = clock_timestamp() + interval '1 millisecond' where team_id = ${team.id}`
    })
    const wakeAndDispatch = async () => {
      await run()
      await dispatchEvents(new AbortController().signal)
    }
    await Promise.all([wakeAndDispatch(), wakeAndDispatch(), wakeAndDispatch(), wakeAndDispatch()])
    await vi.waitFor(async () => {
      await wakeAndDispatch() // tickets and events that each run skipped because another held them
      expect(await database()`select from private.event_outbox where team_id = ${team.id}`).toEqual([])
      expect(await readTimes(team)).not.toContainEqual(expect.any(Date))
    })
    const received = await database()<
      { user_id: string; kind: string; ticket_id: string }[]
    >`select user_id, kind, ticket_id from public.notifications where team_id = ${team.id}`
    expect(received.map(({ ticket_id }) => ticket_id).sort()).toEqual([...team.tickets].sort())
    expect(new Set(received.map(({ user_id, kind }) => `${user_id} ${kind}`))).toEqual(new Set([`${bob.id} woken`]))
    const mailed = await database()<{ ticket_id: string; received: number }[]>`
      select ticket_id, jsonb_array_length(data -> 'events') as received from public.mails
      where team_id = ${team.id} and kind = 'member_notice' and recipient = ${bob.email}`
    expect(mailed.map(({ ticket_id }) => ticket_id).sort()).toEqual([...team.tickets].sort())
    expect(new Set(mailed.map(({ received }) => received))).toEqual(new Set([1]))
  })

  test('a due ticket that somebody snoozes again concurrently stays snoozed', async () => {
    const team = await newTeam(2, -1)
    await database().begin(async sql => {
      await impersonate(sql, bob)
      await sql`update public.tickets set snoozed_until = ${later} where id = ${team.tickets[0]!}`
      expect(await run()).toBe(1)
    })
    expect(await run()).toBe(0)
    expect(await readTimes(team)).toEqual([later, null])
  })

  test('a failed batch and an aborted run wake no ticket, and the next run of the worker wakes all', async () => {
    const team = await newTeam(3, -1)
    await expect(
      asService('test', async db => {
        expect(await wakeDueTickets(db, 10)).toBe(3)
        throw new Error('connection lost')
      })
    ).rejects.toThrow('connection lost')
    expect(await run(AbortSignal.abort())).toBe(0)
    expect(await readWakeEvents(team)).toEqual([])
    expect(await run()).toBe(3)
  })

  test('getMsUntilNextWake() returns the time to the next wake, negative when it is overdue', async () => {
    const next = () => asService('test', getMsUntilNextWake)
    await newTeam(1, 2)
    expect(await next()).toBeLessThanOrEqual(2 * hour)
    await newTeam(1, -1)
    expect(await next()).toBeLessThan(0)
  })

  test('due tickets and the snoozed tickets of a list are found by an index', async () => {
    const plan = (query: string) =>
      database().begin(async sql => {
        for (const other of ['seqscan', 'bitmapscan', 'sort']) await sql.unsafe(`set local enable_${other} = off`)
        return (await sql.unsafe<Record<string, string>[]>(`explain ${query}`)).map(row => row['QUERY PLAN']).join('\n')
      })
    expect(await plan('select from public.tickets where snoozed_until <= now() order by snoozed_until limit 200')).toMatch(
      /Index.*tickets_snoozed_until/
    )
    expect(await plan(`select count(*) from public.tickets where team_id = '${acme.id}' and snoozed_until is not null`)).toMatch(
      /tickets_snoozed/
    )
  })
})

type Change = Pick<BulkRequest, 'action' | 'value'>
const change = (team: { id: string }, person: Person, ids: string[], request: Change) =>
  asUser({ sub: person.id }, db => changeTickets(db, { teamId: team.id, userId: person.id }, { ids, ...request } as BulkRequest))
const undo = (team: { id: string }, person: Person, id: string) => asUser({ sub: person.id }, db => undoOperation(db, team.id, id))
const execute = (statement: string) => database().unsafe(statement)

describe('bulk operations on snoozed tickets', () => {
  test('a bulk operation snoozes and wakes tickets, and its undo restores the previous times', async () => {
    const team = await newTeam(3, 1)
    const before = await readTimes(team)
    const snoozed = await change(team, bob, team.tickets, { action: 'snooze', value: later.toISOString() })
    expect(snoozed).toMatchObject({ status: 'done', updated: 3 })
    expect(await readTimes(team)).toEqual([later, later, later])
    expect(await undo(team, bob, snoozed.operation_id)).toMatchObject({ restored: 3, skipped: 0 })
    expect(await readTimes(team)).toEqual(before)

    const woken = await change(team, bob, team.tickets, { action: 'snooze', value: null })
    expect(woken.updated).toBe(3)
    await execute(`update public.tickets set status = 'resolved' where id = '${team.tickets[1]}'`)
    await execute(`update public.tickets set snoozed_until = '${inHours(9).toISOString()}' where id = '${team.tickets[2]}'`)
    expect(await undo(team, bob, woken.operation_id)).toMatchObject({ restored: 1, skipped: 2 })
    expect(await readTimes(team)).toEqual([before[0], null, expect.any(Date) as Date])
  })

  test('undo does not restore a snooze time that has passed', async () => {
    const team = await newTeam(1, -0.001)
    const { operation_id } = await change(team, bob, team.tickets, { action: 'snooze', value: null })
    expect(await undo(team, bob, operation_id)).toMatchObject({ restored: 0, skipped: 1 })
    expect(await readTimes(team)).toEqual([null])
  })

  test('a bulk snooze is refused as a whole for a time in the past or a resolved ticket', async () => {
    const team = await newTeam(3, 1)
    await execute(`update public.tickets set status = 'resolved' where id = '${team.tickets[1]}'`)
    const before = await readTimes(team)
    await expect(change(team, bob, team.tickets, { action: 'snooze', value: later.toISOString() })).rejects.toMatchObject({
      code: 'PT422',
      detail: 'snooze_status',
      message: 'A resolved or closed ticket cannot be snoozed: #002'
    })
    await expect(change(team, bob, team.tickets, { action: 'snooze', value: inHours(-1).toISOString() })).rejects.toMatchObject({
      code: 'PT422',
      detail: 'snooze_past'
    })
    expect(await readTimes(team)).toEqual(before)
    expect(await change(team, bob, team.tickets, { action: 'snooze', value: null })).toMatchObject({ updated: 2 })
  })

  test.each([
    [{ action: 'set_status', value: 'resolved' }],
    [{ action: 'close', value: null }],
    [{ action: 'reassign', value: adam.id }]
  ] as Change[][])('%j wakes tickets, and its undo snoozes them again unless their time has passed', async request => {
    const team = await newTeam(2, 1)
    const [before] = await readTimes(team)
    const { operation_id, updated } = await change(team, ann, team.tickets, request!)
    expect(updated).toBe(2)
    expect(await readTimes(team)).toEqual([null, null])
    await execute(`
      update private.bulk_operation_tickets set before = before || '{"snoozed_until": "2026-01-01T00:00:00+00:00"}'
      where ticket_id = '${team.tickets[1]}'`)
    expect(await undo(team, ann, operation_id)).toMatchObject({ restored: 2, skipped: 0 })
    expect(await readTimes(team)).toEqual([before, null])
  })
})
