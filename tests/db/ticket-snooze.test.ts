import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import type { BulkRequest } from '#shared/schemas/bulk'
import { configureMail } from '#server/adapters/mail'
import { asService, asUser } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import { changeTickets, undoOperation } from '#server/domain/ticket/bulk'
import { untilNextWake, wakeDueTickets } from '#server/domain/ticket/snooze'
import { dispatchEvents } from '#server/jobs/dispatch-events'
import { wakeSnoozedTickets } from '#server/jobs/wake-snoozed-tickets'
import { database, databaseUrl, impersonate, service, session, type Session } from '../support/as.ts'
import { agents, describeRights } from '../support/matrix.ts'
import { acme, adam, addTeam, ann, bob, vera, type Person } from '../support/world.ts'

const { bobs, closed } = acme.tickets
const hour = 3_600_000
const inHours = (hours: number) => new Date(Date.now() + hours * hour)
const later = inHours(3)

describeRights('public.tickets', [
  { does: 'puts a ticket away', by: agents, run: sql => sql`update tickets set snoozed_until = ${later} where id = ${bobs} returning id` },
  {
    does: 'wakes a ticket',
    by: agents,
    given: sql => sql`update tickets set snoozed_until = ${later} where id = ${bobs}`,
    run: sql => sql`update tickets set snoozed_until = null where id = ${bobs} returning id`
  },
  {
    does: 'says who put a ticket away',
    by: [],
    run: sql => sql`update tickets set snoozed_by = ${vera.id} where id = ${bobs} returning id`
  },
  {
    does: 'creates a ticket that is put away',
    by: [],
    run: (sql, { id }) =>
      sql`insert into tickets (team_id, subject, description, created_by, snoozed_until) values (${acme.id}, 'x', 'x', ${id}, ${later}) returning id`
  }
])

const snooze = ({ sql }: Session, until: Date | null, id: string = bobs) =>
  sql`update tickets set snoozed_until = ${until} where id = ${id}`
const stateOf = async ({ as }: Session, id: string = bobs) =>
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

describe('a ticket that is put away', () => {
  test('knows until when, and by whom', () =>
    session(bob, async session => {
      await snooze(session, later)
      expect(await stateOf(session)).toEqual({ snoozed_until: later, snoozed_by: bob.id })
      await session.become(adam)
      await snooze(session, inHours(5))
      expect((await stateOf(session)).snoozed_by).toBe(adam.id)
      await snooze(session, null)
      expect(await stateOf(session)).toEqual(awake)
    }))

  test.each([
    ['now', 'now()', 'snooze_past'],
    ['in the past', "now() - interval '1 second'", 'snooze_past'],
    ['before all time', "'-infinity'", 'snooze_past'],
    ['in more than a year', "now() + interval '1 year 1 second'", 'snooze_too_long'],
    ['never', "'infinity'", 'snooze_too_long']
  ])('comes back in time: not %s', (_, until, detail) =>
    session(bob, async ({ refusal }) => {
      expect(await refusal(sql => sql.unsafe(`update tickets set snoozed_until = ${until} where id = '${bobs}'`))).toMatchObject({
        code: 'PT422',
        detail
      })
    })
  )

  test('may be put away for a whole year', () =>
    session(bob, async session => {
      await session.sql`update tickets set snoozed_until = now() + interval '1 year' where id = ${bobs}`
      expect((await stateOf(session)).snoozed_until).not.toBeNull()
    }))

  test.each(['resolved', 'closed'] as const)('is no %s one', status =>
    session(ann, async session => {
      await snooze(session, later)
      await session.sql`update tickets set status = ${status} where id = ${bobs}`
      expect(await stateOf(session)).toEqual(awake)
      expect(await session.refusal(sql => sql`update tickets set snoozed_until = ${later} where id = ${bobs}`)).toMatchObject({
        code: 'PT422',
        detail: 'snooze_status'
      })
      expect(
        await session.refusal(sql => sql`update tickets set status = ${status}, snoozed_until = ${later} where id = ${acme.tickets.anns}`)
      ).toMatchObject({ code: 'PT422', detail: 'snooze_status' })
      await session.sql`update tickets set status = 'open', snoozed_until = ${later} where id = ${bobs}`
      expect((await stateOf(session)).snoozed_until).toEqual(later)
    })
  )

  test('is no closed one by whatever path', () =>
    session(service, async ({ sql, refusal }) => {
      await sql`alter table tickets disable trigger _200_before_update`
      expect((await refusal(sql => sql`update tickets set snoozed_until = ${later} where id = ${closed}`)).code).toBe('23514')
    }))

  test.each(['in_progress', 'waiting'])('stays away when it becomes %s', status =>
    session(bob, async session => {
      await snooze(session, later)
      await session.sql`update tickets set status = ${status}, priority = 'high', subject = 'Other' where id = ${bobs}`
      await session.sql`insert into ticket_tags (team_id, ticket_id, tag) values (${acme.id}, ${bobs}, 'later')`
      expect((await stateOf(session)).snoozed_until).toEqual(later)
    })
  )

  test.each([
    ['a viewer replies', vera, false],
    ['a viewer notes', vera, true],
    ['an admin replies', adam, false],
    ['an admin notes', adam, true]
  ] as const)('wakes when %s', (_, person, isInternal) =>
    session(bob, async session => {
      await snooze(session, later)
      await session.become(person)
      await session.sql`insert into ticket_replies (team_id, ticket_id, content, is_internal) values (${acme.id}, ${bobs}, 'Any news?', ${isInternal})`
      expect(await stateOf(session)).toEqual(awake)
    })
  )

  test('stays away when its snoozer writes, or somebody deletes a reply', () =>
    session(bob, async session => {
      await snooze(session, later)
      const [reply] =
        await session.sql`insert into ticket_replies (team_id, ticket_id, content, is_internal) values (${acme.id}, ${bobs}, 'Ordered a part', true) returning id`
      await session.become(ann)
      await session.sql`delete from ticket_replies where id = ${reply!.id as string}`
      expect((await stateOf(session)).snoozed_until).toEqual(later)
    }))

  test('wakes for another assignee, and can be put away for them in one change', () =>
    session(ann, async session => {
      await snooze(session, later)
      await session.sql`update tickets set assigned_to = ${adam.id} where id = ${bobs}`
      expect(await stateOf(session)).toEqual(awake)
      await session.sql`update tickets set assigned_to = ${bob.id}, snoozed_until = ${later} where id = ${bobs}`
      expect(await stateOf(session)).toEqual({ snoozed_until: later, snoozed_by: ann.id })
      await session.sql`update tickets set assigned_to = null where id = ${bobs}`
      expect(await stateOf(session)).toEqual(awake)
    }))

  test('stays away when its snoozer leaves: then every reply is news', () =>
    session(ann, async session => {
      await session.become(adam)
      await snooze(session, later)
      await session.become(ann)
      await session.sql`select private.remove_member(${acme.id}, ${adam.id})`
      expect(await stateOf(session)).toEqual({ snoozed_until: later, snoozed_by: null })
      await session.sql`insert into ticket_replies (team_id, ticket_id, content) values (${acme.id}, ${bobs}, 'Hello')`
      expect(await stateOf(session)).toEqual(awake)
    }))

  test('writes into its history when it went and why it came back', () =>
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

  test('is broadcast with the time and the person', () =>
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

/** A team of Ann's, Adam's and Bob's, and tickets that Bob put away until so many hours from now. */
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

const run = (stopping = new AbortController().signal) => wakeSnoozedTickets(stopping)
const timesOf = async ({ id }: { id: string }) =>
  (
    await database()<
      { snoozed_until: Date | null }[]
    >`select snoozed_until from public.tickets where team_id = ${id} order by ticket_number`
  ).map(row => row.snoozed_until)
const wakings = ({ id }: { id: string }) =>
  database()<
    { ticket_id: string; actor_id: string | null; channel: string; to: string | null }[]
  >`select ticket_id, actor_id, channel, "to" from public.ticket_events where team_id = ${id} and type = 'ticket.snoozed'`

describe('when the time has come', () => {
  test('a ticket wakes by itself, and no other', async () => {
    const due = await newTeam(1, -0.001)
    const young = await newTeam(1, 1)
    expect(await run()).toBe(1)
    expect(await timesOf(due)).toEqual([null])
    expect(await timesOf(young)).not.toContain(null)
    expect(await wakings(due)).toEqual([{ ticket_id: due.tickets[0], actor_id: null, channel: 'job', to: null }])
    expect(await run()).toBe(0)
  })

  test('all wake that became due while nobody was there, however many', async () => {
    const team = await newTeam(450, -100)
    expect(await run()).toBe(450)
    expect(await timesOf(team)).toEqual(Array.from({ length: 450 }, () => null))
  })

  test('each wakes once with four servers at it', async () => {
    const team = await newTeam(700, -1)
    const counts = await Promise.all([run(), run(), run(), run()])
    await run() // what all four found held by another
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(700)
    expect((await wakings(team)).map(event => event.ticket_id).sort()).toEqual([...team.tickets].sort())
  })

  test('it is told once, in the app and by mail, with four servers that wake and tell at the same time', async () => {
    configureMail({ smtpUrl: 'smtp://127.0.0.1:9', mailFrom: 'Switchboard <support@desk.test>' })
    onTestFinished(() => configureMail({ smtpUrl: '', mailFrom: '' }))
    const team = await newTeam(120, 1)
    await database().begin(async sql => {
      await impersonate(sql, bob)
      await sql`update public.tickets set snoozed_until = clock_timestamp() + interval '1 millisecond' where team_id = ${team.id}`
    })
    const wakeAndTell = async () => {
      await run()
      await dispatchEvents(new AbortController().signal)
    }
    await Promise.all([wakeAndTell(), wakeAndTell(), wakeAndTell(), wakeAndTell()])
    await vi.waitFor(async () => {
      await wakeAndTell() // what all four found held by another
      expect(await database()`select from private.event_outbox where team_id = ${team.id}`).toEqual([])
      expect(await timesOf(team)).not.toContainEqual(expect.any(Date))
    })
    const received = await database()<
      { user_id: string; kind: string; ticket_id: string }[]
    >`select user_id, kind, ticket_id from public.notifications where team_id = ${team.id}`
    expect(received.map(({ ticket_id }) => ticket_id).sort()).toEqual([...team.tickets].sort())
    expect(new Set(received.map(({ user_id, kind }) => `${user_id} ${kind}`))).toEqual(new Set([`${bob.id} woken`]))
    const mailed = await database()<
      { ticket_id: string; received: number }[]
    >`select ticket_id, jsonb_array_length(data -> 'events') as received from public.mails where team_id = ${team.id} and kind = 'member_notice' and recipient = ${bob.email}`
    expect(mailed.map(({ ticket_id }) => ticket_id).sort()).toEqual([...team.tickets].sort())
    expect(new Set(mailed.map(({ received }) => received))).toEqual(new Set([1]))
  })

  test('one that somebody puts away again at this moment stays away', async () => {
    const team = await newTeam(2, -1)
    await database().begin(async sql => {
      await impersonate(sql, bob)
      await sql`update public.tickets set snoozed_until = ${later} where id = ${team.tickets[0]!}`
      expect(await run()).toBe(1)
    })
    expect(await run()).toBe(0)
    expect(await timesOf(team)).toEqual([later, null])
  })

  test('a batch that fails wakes nobody, and the next does; so does a server that is asked to stop', async () => {
    const team = await newTeam(3, -1)
    await expect(
      asService('test', async db => {
        expect(await wakeDueTickets(db, 10)).toBe(3)
        throw new Error('the power went')
      })
    ).rejects.toThrow('the power went')
    expect(await run(AbortSignal.abort())).toBe(0)
    expect(await wakings(team)).toEqual([])
    expect(await run()).toBe(3)
  })

  test('the next moment is known, overdue ones included', async () => {
    const next = () => asService('test', untilNextWake)
    await newTeam(1, 2)
    expect(await next()).toBeLessThanOrEqual(2 * hour)
    await newTeam(1, -1)
    expect(await next()).toBeLessThan(0)
  })

  test('they are found by their index, and so is what a list asks for', async () => {
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
const write = (statement: string) => database().unsafe(statement)

describe('many at once', () => {
  test('are put away and woken, and undo brings back what was', async () => {
    const team = await newTeam(3, 1)
    const before = await timesOf(team)
    const away = await change(team, bob, team.tickets, { action: 'snooze', value: later.toISOString() })
    expect(away).toMatchObject({ status: 'done', updated: 3 })
    expect(await timesOf(team)).toEqual([later, later, later])
    expect(await undo(team, bob, away.operation_id)).toMatchObject({ restored: 3, skipped: 0 })
    expect(await timesOf(team)).toEqual(before)

    const woken = await change(team, bob, team.tickets, { action: 'snooze', value: null })
    expect(woken.updated).toBe(3)
    await write(`update public.tickets set status = 'resolved' where id = '${team.tickets[1]}'`)
    await write(`update public.tickets set snoozed_until = '${inHours(9).toISOString()}' where id = '${team.tickets[2]}'`)
    expect(await undo(team, bob, woken.operation_id)).toMatchObject({ restored: 1, skipped: 2 })
    expect(await timesOf(team)).toEqual([before[0], null, expect.any(Date) as Date])
  })

  test('a time that has passed meanwhile does not come back', async () => {
    const team = await newTeam(1, -0.001)
    const { operation_id } = await change(team, bob, team.tickets, { action: 'snooze', value: null })
    expect(await undo(team, bob, operation_id)).toMatchObject({ restored: 0, skipped: 1 })
    expect(await timesOf(team)).toEqual([null])
  })

  test('are refused together: a time that is none, and a ticket that is done', async () => {
    const team = await newTeam(3, 1)
    await write(`update public.tickets set status = 'resolved' where id = '${team.tickets[1]}'`)
    const before = await timesOf(team)
    await expect(change(team, bob, team.tickets, { action: 'snooze', value: later.toISOString() })).rejects.toMatchObject({
      code: 'PT422',
      detail: 'snooze_status',
      message: 'A resolved or closed ticket cannot be snoozed: #002'
    })
    await expect(change(team, bob, team.tickets, { action: 'snooze', value: inHours(-1).toISOString() })).rejects.toMatchObject({
      code: 'PT422',
      detail: 'snooze_past'
    })
    expect(await timesOf(team)).toEqual(before)
    expect(await change(team, bob, team.tickets, { action: 'snooze', value: null })).toMatchObject({ updated: 2 })
  })

  test.each([
    [{ action: 'set_status', value: 'resolved' }],
    [{ action: 'close', value: null }],
    [{ action: 'reassign', value: adam.id }]
  ] as Change[][])('%j wakes them, and its undo puts them away again unless their time has come', async request => {
    const team = await newTeam(2, 1)
    const [before] = await timesOf(team)
    const { operation_id, updated } = await change(team, ann, team.tickets, request!)
    expect(updated).toBe(2)
    expect(await timesOf(team)).toEqual([null, null])
    await write(
      `update private.bulk_operation_tickets set before = before || '{"snoozed_until": "2026-01-01T00:00:00+00:00"}' where ticket_id = '${team.tickets[1]}'`
    )
    expect(await undo(team, ann, operation_id)).toMatchObject({ restored: 2, skipped: 0 })
    expect(await timesOf(team)).toEqual([before, null])
  })
})
