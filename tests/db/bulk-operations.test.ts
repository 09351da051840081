import { fork } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { bulkStep } from '#shared/bulk'
import type { BulkRequest } from '#shared/schemas/bulk'
import { asService, asUser } from '#server/db/identity'
import { closePool, configureDatabase } from '#server/db/pool'
import { changeTickets, continueOperation, getOperation, removeOldOperations, undoOperation } from '#server/domain/ticket/bulk'
import { continueBulkOperations } from '#server/jobs/bulk-operations'
import { as, database, databaseUrl, impersonate, service, session } from '../support/as.ts'
import { acme, adam, addTeam, ann, bob, initech, unknownId, vera, type Person } from '../support/world.ts'

const teams: string[] = []

beforeAll(() => {
  configureDatabase(databaseUrl(), 8)
})
afterEach(async () => {
  if (teams.length > 0) await database()`delete from public.teams where id in ${database()(teams.splice(0))}`
})
afterAll(closePool)

/** A team of Ann (owner), Adam (admin), Bob (member) and Vera (viewer) with open tickets. */
async function newTeam(count: number): Promise<{ id: string; tickets: string[] }> {
  const id = randomUUID()
  teams.push(id)
  await database().begin(async sql => {
    await addTeam(sql, id, [ann, adam, bob, vera])
    await sql`
      insert into public.tickets (team_id, subject, description, created_by)
      select ${id}, 'Ticket ' || n, 'x', ${ann.id} from generate_series(1, ${count}) as n`
  })
  const tickets = await database()<{ id: string }[]>`select id from public.tickets where team_id = ${id} order by ticket_number`
  return { id, tickets: tickets.map(ticket => ticket.id) }
}

type Change = Pick<BulkRequest, 'action' | 'value'>
const change = (team: { id: string }, person: Person, request: Change & Pick<BulkRequest, 'ids' | 'filter'>) =>
  asUser({ sub: person.id }, db => changeTickets(db, { teamId: team.id, userId: person.id }, request as BulkRequest))
const undo = (team: { id: string }, person: Person, id: string) => asUser({ sub: person.id }, db => undoOperation(db, team.id, id))
const operation = (team: { id: string }, person: Person, id: string) => asUser({ sub: person.id }, db => getOperation(db, team.id, id))
const runJob = (stopping = new AbortController().signal) => continueBulkOperations(stopping)
const asPerson = (person: Person, statement: string) =>
  database().begin(async sql => {
    await impersonate(sql, person)
    return sql.unsafe(statement)
  })

/** The tickets of a team with their tags, without the columns that every change touches. */
async function stateOf({ id }: { id: string }) {
  return database()`
    select to_jsonb(ticket) - '{version,updated_at,last_activity_at,search}'::text[] as ticket,
    array(select tag from public.ticket_tags as label where label.ticket_id = ticket.id order by tag) as tags
    from public.tickets as ticket where team_id = ${id} order by ticket_number`
}
const eventsOf = ({ id }: { id: string }) => database()<
  { ticket_number: number; type: string; actor_id: string | null; channel: string; from: unknown; to: unknown }[]
>`
  select ticket_number, type, actor_id, channel, "from", "to" from public.ticket_events
  where team_id = ${id} and ticket_id is not null and type <> 'ticket.created' order by id`

describe('a bulk operation', () => {
  test('a bulk operation writes one event per changed ticket, by its author', async () => {
    const team = await newTeam(4)
    await asPerson(bob, `update public.tickets set priority = 'high' where id = '${team.tickets[2]}'`)
    const answer = await change(team, bob, { ids: team.tickets.slice(0, 3), action: 'set_priority', value: 'high' })
    expect(answer).toEqual({ operation_id: expect.any(String) as string, status: 'done', total: 3, updated: 2 })
    expect((await eventsOf(team)).slice(1).sort((a, b) => a.ticket_number - b.ticket_number)).toEqual(
      [1, 2].map(ticket_number => ({
        ticket_number,
        type: 'ticket.priority_changed',
        actor_id: bob.id,
        channel: 'ui',
        from: 'normal',
        to: 'high'
      }))
    )
    expect((await stateOf(team)).map(({ ticket }) => (ticket as { priority: string }).priority)).toEqual(['high', 'high', 'high', 'normal'])
    expect(await operation(team, bob, answer.operation_id)).toMatchObject({
      status: 'done',
      total: 3,
      processed: 3,
      updated: 2,
      value: 'high',
      finished_at: expect.any(String) as string
    })
  })

  test('a bulk operation is broadcast once per ticket and once for its own row', () =>
    session(service, async ({ sql, become }) => {
      await sql`delete from realtime.messages`
      await become(bob)
      const [{ id }] = await sql<
        [{ id: string }]
      >`select private.begin_bulk_operation(${acme.id}, 'set_severity', '1', ${[acme.tickets.bobs, acme.tickets.anns]}::uuid[]) as id`
      await sql`select private.next_bulk_tickets(${id}, 200)`
      await sql`update tickets set severity = 1 where id in (${acme.tickets.bobs}, ${acme.tickets.anns})`
      await sql`select private.record_bulk_changes(${id})`
      await become(service)
      const sent = await sql<{ payload: { table: string; record: Record<string, unknown> } }[]>`select payload from realtime.messages`
      expect(sent.filter(({ payload }) => payload.table === 'tickets')).toHaveLength(2)
      expect(sent.filter(({ payload }) => payload.table === 'bulk_operations').map(({ payload }) => payload.record)).toEqual([
        { id, team_id: acme.id, user_id: bob.id }
      ])
    }))

  test.each([
    ['set_status', 'waiting', { status: 'waiting' }],
    ['set_status', 'resolved', { status: 'resolved' }],
    ['close', null, { status: 'closed' }],
    ['set_severity', 1, { severity: 1 }],
    ['set_category', { category: 'billing', type_id: null, item_id: null }, { category: 'billing' }],
    ['reassign', bob.id, { assigned_to: bob.id }]
  ] as [Change['action'], unknown, object][])(
    '%s to %j changes every ticket, and the undo restores everything but the history',
    async (action, value, expected) => {
      const team = await newTeam(3)
      const before = await stateOf(team)
      const { operation_id, updated } = await change(team, ann, { ids: team.tickets, action, value } as Change & { ids: string[] })
      expect(updated).toBe(3)
      for (const { ticket } of await stateOf(team)) expect(ticket).toMatchObject(expected)
      expect(await undo(team, ann, operation_id)).toEqual({ status: 'undone', restored: 3, skipped: 0 })
      expect(await stateOf(team)).toEqual(before)
      expect(new Set((await eventsOf(team)).map(event => event.actor_id))).toEqual(new Set([ann.id]))
      expect(await eventsOf(team)).toHaveLength(6)
    }
  )

  test('add_tag and remove_tag skip tickets that they do not change, and so does their undo', async () => {
    const team = await newTeam(3)
    await asPerson(
      bob,
      `
        insert into public.ticket_tags (team_id, ticket_id, tag)
        values ('${team.id}', '${team.tickets[0]}', 'vpn'), ('${team.id}', '${team.tickets[0]}', 'b')`
    )
    const tags = async () => (await stateOf(team)).map(row => row.tags as string[])
    const added = await change(team, bob, { ids: team.tickets, action: 'add_tag', value: 'vpn' })
    expect(added.updated).toBe(2)
    expect(await tags()).toEqual([['b', 'vpn'], ['vpn'], ['vpn']])
    const removed = await change(team, bob, { ids: team.tickets.slice(0, 2), action: 'remove_tag', value: 'vpn' })
    expect(removed.updated).toBe(2)
    expect(await undo(team, bob, removed.operation_id)).toMatchObject({ restored: 2, skipped: 0 })
    expect(await tags()).toEqual([['b', 'vpn'], ['vpn'], ['vpn']])
    await asPerson(ann, `delete from public.ticket_tags where ticket_id = '${team.tickets[2]}'`)
    // The first ticket had the tag before; the third has lost it since.
    expect(await undo(team, bob, added.operation_id)).toEqual({ status: 'undone', restored: 1, skipped: 1 })
    expect(await tags()).toEqual([['b', 'vpn'], [], []])
  })

  test('add_tag refuses a ticket that already has 20 tags', async () => {
    const team = await newTeam(2)
    await asPerson(
      bob,
      `
        insert into public.ticket_tags (team_id, ticket_id, tag)
        select '${team.id}', '${team.tickets[1]}', 't' || n from generate_series(1, 20) as n`
    )
    await expect(change(team, bob, { ids: team.tickets, action: 'add_tag', value: 'vpn' })).rejects.toMatchObject({
      code: 'PT422',
      message: 'A ticket has at most 20 tags: #002'
    })
    expect(await change(team, bob, { ids: team.tickets, action: 'add_tag', value: 't7' })).toMatchObject({ updated: 1 })
  })

  test('delete removes the tickets, writes an event for each and cannot be undone', async () => {
    const team = await newTeam(3)
    const { operation_id, updated } = await change(team, adam, { ids: team.tickets.slice(0, 2), action: 'delete', value: null })
    expect(updated).toBe(2)
    expect(await stateOf(team)).toHaveLength(1)
    expect((await eventsOf(team)).map(({ type, actor_id }) => [type, actor_id])).toEqual([
      ['ticket.deleted', adam.id],
      ['ticket.deleted', adam.id]
    ])
    await expect(undo(team, adam, operation_id)).rejects.toMatchObject({ code: 'PT409', detail: 'not_undoable' })
  })

  test('a bulk operation with a filter changes the matching tickets', async () => {
    const team = await newTeam(5)
    await asPerson(bob, `update public.tickets set severity = 1 where id in ('${team.tickets[1]}', '${team.tickets[3]}')`)
    expect(await change(team, bob, { filter: { severity: [1], assigned_to: ['none'] }, action: 'set_severity', value: 2 })).toMatchObject({
      total: 2,
      updated: 2
    })
    expect(await change(team, bob, { filter: { severity: [1] }, action: 'set_severity', value: 2 })).toMatchObject({
      status: 'done',
      total: 0,
      updated: 0
    })
    expect(await change(team, bob, { filter: {}, action: 'set_severity', value: 2 })).toMatchObject({ total: 5, updated: 3 })
  })

  test.each([
    ['a ticket of another team', initech.tickets.dans],
    ['an unknown id', unknownId]
  ])('a bulk operation that names %s changes nothing', async (_, id) => {
    const team = await newTeam(2)
    const before = await stateOf(team)
    await expect(change(team, ann, { ids: [...team.tickets, id], action: 'set_severity', value: 1 })).rejects.toMatchObject({
      code: 'PT404'
    })
    expect(await stateOf(team)).toEqual(before)
    expect(await eventsOf(team)).toEqual([])
    expect(await database()`select from public.bulk_operations where team_id = ${team.id}`).toHaveLength(0)
  })

  test('a status that some tickets cannot take changes none, and the error names up to ten of them', async () => {
    const team = await newTeam(14)
    await asPerson(ann, `update public.tickets set status = 'closed' where team_id = '${team.id}' and ticket_number > 2`)
    await expect(change(team, ann, { ids: team.tickets.slice(0, 4), action: 'set_status', value: 'waiting' })).rejects.toMatchObject({
      code: 'PT422',
      detail: 'status_transition',
      message: 'A closed ticket can only be reopened: #003, #004'
    })
    await expect(change(team, ann, { ids: team.tickets, action: 'set_status', value: 'waiting' })).rejects.toMatchObject({
      message: expect.stringMatching(/#012 and 2 more$/) as string
    })
    expect((await stateOf(team)).map(({ ticket }) => (ticket as { status: string }).status)).toEqual([
      'open',
      'open',
      ...Array<string>(12).fill('closed')
    ])
    expect(await change(team, ann, { ids: team.tickets, action: 'close', value: null })).toMatchObject({ updated: 2 })
    expect(await change(team, ann, { ids: team.tickets.slice(0, 2), action: 'set_status', value: 'open' })).toMatchObject({ updated: 2 })
  })

  test.each([
    ['reassign', vera.id, 'PT400'],
    ['reassign', initech.id, 'PT400'],
    ['set_category', { category: 'nonsense', type_id: null, item_id: null }, 'PT400'],
    ['set_category', { category: 'bug', type_id: initech.type, item_id: null }, 'PT400']
  ] as [Change['action'], unknown, string][])('%s to %j is refused', async (action, value, code) => {
    const team = await newTeam(1)
    await expect(change(team, ann, { ids: team.tickets, action, value } as Change & { ids: string[] })).rejects.toMatchObject({
      code,
      detail: 'value'
    })
    expect(await eventsOf(team)).toEqual([])
  })

  test.each([
    { person: bob, action: 'reassign', value: bob.id },
    { person: bob, action: 'close', value: null },
    { person: bob, action: 'set_status', value: 'closed' },
    { person: bob, action: 'delete', value: null },
    { person: vera, action: 'set_severity', value: 1 },
    { person: vera, action: 'add_tag', value: 'x' }
  ] as { person: Person; action: Change['action']; value: unknown }[])(
    'the role of $person.name does not allow the bulk action $action',
    async ({ person, action, value }) => {
      const team = await newTeam(2)
      await expect(change(team, person, { ids: team.tickets, action, value } as Change & { ids: string[] })).rejects.toMatchObject({
        code: 'PT403'
      })
      expect(await eventsOf(team)).toEqual([])
    }
  )

  test('concurrent bulk operations on the same tickets do not deadlock', async () => {
    const team = await newTeam(60)
    const shuffled = (seed: number) =>
      [...team.tickets].sort(
        (a, b) => a.charCodeAt(seed % 36) - b.charCodeAt(seed % 36) || (seed % 2 ? a.localeCompare(b) : b.localeCompare(a))
      )
    const answers = await Promise.all(
      Array.from({ length: 16 }, (_, seed) =>
        change(team, seed % 2 ? ann : bob, {
          ids: shuffled(seed).slice(0, 45),
          ...(seed % 3 ? ({ action: 'set_severity', value: 1 + (seed % 5) } as const) : ({ action: 'add_tag', value: `t${seed}` } as const))
        })
      )
    )
    expect(answers.map(({ status }) => status)).toEqual(Array(16).fill('done'))
  })
})

describe('undoing a bulk operation', () => {
  test('an undo skips tickets that a colleague changed since, and restores the others', async () => {
    const team = await newTeam(4)
    const { operation_id } = await change(team, bob, { ids: team.tickets, action: 'set_severity', value: 1 })
    await asPerson(ann, `update public.tickets set severity = 2 where id = '${team.tickets[0]}'`)
    await asPerson(ann, `update public.tickets set priority = 'urgent' where id = '${team.tickets[1]}'`)
    await asPerson(ann, `delete from public.tickets where id = '${team.tickets[3]}'`)
    expect(await undo(team, bob, operation_id)).toEqual({ status: 'undone', restored: 2, skipped: 2 })
    expect((await stateOf(team)).map(({ ticket }) => ticket as { severity: number; priority: string })).toMatchObject([
      { severity: 2 },
      { severity: 3, priority: 'urgent' },
      { severity: 3 }
    ])
    await expect(undo(team, bob, operation_id)).rejects.toMatchObject({ code: 'PT409', detail: 'already_undone' })
  })

  test('an undo restores status and times exactly, even a status that no other change may set', async () => {
    const team = await newTeam(5)
    for (const [index, status] of ['in_progress', 'waiting', 'resolved', 'closed'].entries())
      await asPerson(ann, `update public.tickets set status = '${status}' where id = '${team.tickets[index]}'`)
    const before = await stateOf(team)
    const closed = await change(team, ann, { ids: team.tickets, action: 'close', value: null })
    expect(closed.updated).toBe(4)
    expect(await undo(team, ann, closed.operation_id)).toMatchObject({ restored: 4, skipped: 0 })
    expect(await stateOf(team)).toEqual(before)
    const opened = await change(team, ann, { ids: team.tickets, action: 'set_status', value: 'open' })
    expect(opened.updated).toBe(4)
    expect(await undo(team, ann, opened.operation_id)).toMatchObject({ restored: 4, skipped: 0 })
    expect(await stateOf(team)).toEqual(before)
    await expect(asPerson(ann, `update public.tickets set status = 'waiting' where id = '${team.tickets[3]}'`)).rejects.toMatchObject({
      code: 'PT422'
    })
  })

  test('an undo skips a ticket that somebody else reopened and closed again', async () => {
    const team = await newTeam(2)
    const { operation_id } = await change(team, ann, { ids: team.tickets, action: 'close', value: null })
    for (const status of ['open', 'closed'])
      await asPerson(adam, `update public.tickets set status = '${status}' where id = '${team.tickets[0]}'`)
    expect(await undo(team, ann, operation_id)).toMatchObject({ restored: 1, skipped: 1 })
  })

  test('an undo does not restore an assignee who is now a viewer, or a deleted category', async () => {
    const team = await newTeam(3)
    await database()`insert into public.ticket_categories (team_id, key, name) values (${team.id}, 'gone', 'Gone')`
    await asPerson(ann, `update public.tickets set category = 'gone', assigned_to = '${bob.id}' where id = '${team.tickets[0]}'`)
    const filed = await change(team, ann, {
      ids: team.tickets,
      action: 'set_category',
      value: { category: 'billing', type_id: null, item_id: null }
    })
    const reassigned = await change(team, ann, { ids: team.tickets, action: 'reassign', value: adam.id })
    await database()`delete from public.ticket_categories where team_id = ${team.id} and key = 'gone'`
    await database()`update public.team_members set role = 'viewer' where team_id = ${team.id} and user_id = ${bob.id}`
    expect(await undo(team, ann, reassigned.operation_id)).toMatchObject({ restored: 2, skipped: 1 })
    expect(await undo(team, ann, filed.operation_id)).toMatchObject({ restored: 2, skipped: 1 })
    expect((await stateOf(team)).map(({ ticket }) => ticket as object)).toMatchObject([
      { category: 'billing', assigned_to: adam.id },
      { category: 'other', assigned_to: null },
      { category: 'other', assigned_to: null }
    ])
  })

  test('an undo skips a ticket that would get more than 20 tags', async () => {
    const team = await newTeam(2)
    await change(team, bob, { ids: team.tickets, action: 'add_tag', value: 'u1' })
    const { operation_id } = await change(team, bob, { ids: team.tickets, action: 'remove_tag', value: 'u1' })
    await asPerson(
      bob,
      `
        insert into public.ticket_tags (team_id, ticket_id, tag)
        select '${team.id}', '${team.tickets[0]}', 't' || n from generate_series(1, 20) as n`
    )
    await asPerson(
      bob,
      `
        insert into public.ticket_tags (team_id, ticket_id, tag)
        select '${team.id}', '${team.tickets[1]}', 't' || n from generate_series(1, 19) as n`
    )
    expect(await undo(team, bob, operation_id)).toEqual({ status: 'undone', restored: 1, skipped: 1 })
    const counts = await database()`
      select ticket_id, count(*)::int, bool_or(tag = 'u1') as has_it from public.ticket_tags where team_id = ${team.id}
      group by ticket_id`
    expect(
      new Set(counts.map(({ ticket_id, count, has_it }) => `${team.tickets.indexOf(ticket_id as string)}: ${count} ${has_it}`))
    ).toEqual(new Set(['0: 20 false', '1: 20 true']))
  })

  test('an undo needs the permission of the change at the time of the undo', async () => {
    const team = await newTeam(2)
    const { operation_id } = await change(team, adam, { ids: team.tickets, action: 'close', value: null })
    await database()`update public.team_members set role = 'member' where team_id = ${team.id} and user_id = ${adam.id}`
    await expect(undo(team, adam, operation_id)).rejects.toMatchObject({ code: 'PT403' })
    const resolved = await change(team, ann, { ids: team.tickets, action: 'set_status', value: 'open' })
    await expect(undo(team, adam, resolved.operation_id)).rejects.toMatchObject({ code: 'PT404' })
  })

  test('an undo cannot be abused to move a closed ticket to waiting', () =>
    session(service, async ({ sql, become, refusal }) => {
      await become(bob)
      // Bob's own operation stores waiting as the status before, and he may even continue it.
      const [{ id }] = await sql<
        [{ id: string }]
      >`select private.begin_bulk_operation(${acme.id}, 'set_status', '"resolved"', ${[acme.tickets.anns]}::uuid[]) as id`
      await sql`select private.next_bulk_tickets(${id}, 200)`
      await sql`update tickets set status = 'resolved' where id = ${acme.tickets.anns}`
      await sql`select private.record_bulk_changes(${id})`
      await become(ann)
      await sql`update tickets set status = 'closed' where id = ${acme.tickets.anns}`
      await become(bob)
      expect((await refusal(sql => sql`update tickets set status = 'waiting' where id = ${acme.tickets.anns}`)).code).toBe('PT422')
      await sql`select private.begin_bulk_undo(${acme.id}, ${id})`
      expect((await refusal(sql => sql`update tickets set status = 'waiting' where id = ${acme.tickets.anns}`)).code).toBe('PT422')
      expect(await sql`select private.continue_bulk_undo(${id}, 200)`).toHaveLength(1)
      expect(await sql`select status from tickets where id = ${acme.tickets.anns}`).toEqual([{ status: 'closed' }])
      expect(await sql`select restored, skipped from bulk_operations where id = ${id}`).toEqual([{ restored: 0, skipped: 1 }])
      expect((await refusal(sql => sql`update tickets set status = 'waiting' where id = ${acme.tickets.anns}`)).code).toBe('PT422')
    }))
})

describe('a bulk operation of several steps', () => {
  const count = 2 * bulkStep + 50

  test('a bulk operation of several steps is made and undone by the job', async () => {
    const team = await newTeam(count)
    const before = await stateOf(team)
    const { operation_id, ...answer } = await change(team, ann, { filter: {}, action: 'close', value: null })
    expect(answer).toEqual({ status: 'waiting', total: count, updated: 0 })
    expect(await stateOf(team)).toEqual(before)
    await expect(undo(team, ann, operation_id)).rejects.toMatchObject({ detail: 'still_running' })
    // The set of tickets is frozen: a later ticket is not part of it.
    await database()`insert into public.tickets (team_id, subject, description, created_by) values (${team.id}, 'Later', 'x', ${ann.id})`
    await runJob()
    expect(await operation(team, ann, operation_id)).toMatchObject({ status: 'done', total: count, processed: count, updated: count })
    const events = await eventsOf(team)
    expect(events).toHaveLength(count)
    expect(events.every(({ actor_id, channel }) => actor_id === ann.id && channel === 'ui')).toBe(true)
    await asPerson(adam, `update public.tickets set status = 'open' where id = '${team.tickets[7]}'`)
    expect(await undo(team, ann, operation_id)).toEqual({ status: 'undoing', restored: 0, skipped: 0 })
    await expect(undo(team, ann, operation_id)).rejects.toMatchObject({ detail: 'already_undone' })
    await runJob()
    expect(await operation(team, ann, operation_id)).toMatchObject({ status: 'undone', restored: count - 1, skipped: 1 })
    // Adam's ticket waits for an answer since he opened it again.
    const restored = (await stateOf(team)).slice(0, count)
    expect(restored.toSpliced(7, 1)).toEqual(before.toSpliced(7, 1))
    expect(restored[7]).toMatchObject({ ticket: { status: 'open' } })
  })

  test('an undo does not join the tickets of the team with themselves, whatever plan is cached', () =>
    session(service, async ({ sql, become }) => {
      await sql`select set_config('plan_cache_mode', 'force_generic_plan', true), set_config('switchboard.channel', 'ui', true)`
      const readTickets = async () => {
        const [{ read }] = await sql<[{ read: number }]>`
          select (seq_tup_read + idx_tup_fetch)::int as read from pg_stat_xact_user_tables where relid = 'public.tickets'::regclass`
        return read
      }
      const undoClose = async (ids: string[]) => {
        await become(ann)
        const [{ id }] = await sql<[{ id: string }]>`select private.begin_bulk_operation(${acme.id}, 'close', 'null', ${ids}::uuid[]) as id`
        await sql`select private.next_bulk_tickets(${id}, ${bulkStep})`
        await sql`update tickets set status = 'closed' where id = any (${ids})`
        await sql`select private.record_bulk_changes(${id})`
        await sql`select private.begin_bulk_undo(${acme.id}, ${id})`
        const before = await readTickets()
        await sql`select private.continue_bulk_undo(${id}, ${bulkStep})`
        return (await readTickets()) - before
      }
      // Plans every statement while the team is small.
      await undoClose([acme.tickets.anns])
      await become(service)
      const added = await sql<{ id: string }[]>`
        insert into tickets (team_id, subject, description, created_by)
        select ${acme.id}, 'Ticket ' || n, 'x', ${ann.id} from generate_series(1, ${bulkStep}) as n returning id`
      expect(await undoClose(added.map(({ id }) => id))).toBeLessThan(10 * bulkStep ** 2)
    }))

  test('a bulk operation is refused as a whole when one ticket cannot take the status or is foreign', async () => {
    const team = await newTeam(count)
    await asPerson(ann, `update public.tickets set status = 'closed' where id = '${team.tickets.at(-1)}'`)
    await expect(change(team, ann, { ids: team.tickets, action: 'set_status', value: 'waiting' })).rejects.toMatchObject({
      code: 'PT422',
      message: expect.stringContaining('#450') as string
    })
    await expect(change(team, ann, { ids: [...team.tickets, initech.tickets.dans], action: 'close', value: null })).rejects.toMatchObject({
      code: 'PT404'
    })
    expect(await database()`select from public.bulk_operations where team_id = ${team.id}`).toHaveLength(0)
  })

  test('a bulk operation fails at a ticket that can no longer take the status; finished steps stay and can be undone', async () => {
    const team = await newTeam(count)
    const before = await stateOf(team)
    const { operation_id } = await change(team, ann, { ids: team.tickets, action: 'set_status', value: 'waiting' })
    const last = [...team.tickets].sort().at(-1)!
    await asPerson(ann, `update public.tickets set status = 'closed' where id = '${last}'`)
    await runJob()
    expect(await operation(team, ann, operation_id)).toMatchObject({
      status: 'failed',
      processed: 2 * bulkStep,
      updated: 2 * bulkStep,
      error: expect.stringMatching(/^A closed ticket can only be reopened: #\d+$/) as string
    })
    await undo(team, ann, operation_id)
    await runJob()
    expect(await operation(team, ann, operation_id)).toMatchObject({ status: 'undone', restored: 2 * bulkStep, skipped: 0, error: null })
    expect((await stateOf(team)).filter(({ ticket }) => (ticket as { id: string }).id !== last)).toEqual(
      before.filter(({ ticket }) => (ticket as { id: string }).id !== last)
    )
  })

  test('a bulk operation fails when its author loses the permission, and is deleted when the author leaves', async () => {
    const team = await newTeam(count)
    const { operation_id } = await change(team, adam, { ids: team.tickets, action: 'close', value: null })
    await asUser({ sub: adam.id }, db => continueOperation(db, operation_id))
    await database()`update public.team_members set role = 'member' where team_id = ${team.id} and user_id = ${adam.id}`
    await runJob()
    expect(await operation(team, adam, operation_id)).toMatchObject({
      status: 'failed',
      updated: bulkStep,
      error: 'Your role does not allow this'
    })
    const other = await change(team, adam, { ids: team.tickets, action: 'set_severity', value: 1 })
    await database()`delete from public.team_members where team_id = ${team.id} and user_id = ${adam.id}`
    await runJob()
    expect(await database()`select from public.bulk_operations where id = ${other.operation_id}`).toHaveLength(0)
    expect((await eventsOf(team)).filter(({ type }) => type === 'ticket.severity_changed')).toEqual([])
  })

  test('a bulk operation skips tickets that were deleted since it began', async () => {
    const team = await newTeam(count)
    const { operation_id } = await change(team, ann, { ids: team.tickets, action: 'set_severity', value: 1 })
    await database()`delete from public.tickets where id in ${database()(team.tickets.slice(0, 100))}`
    await runJob()
    expect(await operation(team, ann, operation_id)).toMatchObject({ status: 'done', processed: count, updated: count - 100 })
  })

  test('events of a bulk operation and of its undo carry the channel of the request', async () => {
    const team = await newTeam(count)
    const key = randomUUID()
    await database()`
      insert into public.api_keys
      ${database()({
        id: key,
        team_id: team.id,
        user_id: ann.id,
        name: 'n8n',
        prefix: 'sk_abcdefgh',
        key_hash: randomBytes(32),
        scopes: ['write'],
        created_by: ann.id
      })}`
    const byKey = { sub: ann.id, api_key: { id: key, team_id: team.id, scopes: ['write'] } }
    const { operation_id } = await asUser(
      byKey,
      db => changeTickets(db, { teamId: team.id, userId: ann.id }, { ids: team.tickets, action: 'set_severity', value: 1 }),
      { channel: 'api' }
    )
    await runJob()
    const sources = async () => [
      ...new Set((await eventsOf(team)).map(({ actor_id, channel, to }) => `${actor_id} ${channel} ${String(to)}`))
    ]
    expect(await sources()).toEqual([`${ann.id} api 1`])
    await undo(team, ann, operation_id)
    await runJob()
    expect(await sources()).toEqual([`${ann.id} api 1`, `${ann.id} ui 3`])
  })

  test('a bulk operation fails when the API key that began it is revoked', async () => {
    const team = await newTeam(count)
    const key = randomUUID()
    await database()`
      insert into public.api_keys
      ${database()({
        id: key,
        team_id: team.id,
        user_id: ann.id,
        name: 'n8n',
        prefix: 'sk_abcdefgh',
        key_hash: randomBytes(32),
        scopes: ['write'],
        created_by: ann.id
      })}`
    const byKey = { sub: ann.id, api_key: { id: key, team_id: team.id, scopes: ['write'] } }
    const { operation_id } = await asUser(
      byKey,
      db => changeTickets(db, { teamId: team.id, userId: ann.id }, { ids: team.tickets, action: 'set_severity', value: 1 }),
      { channel: 'api' }
    )
    await database()`delete from public.api_keys where id = ${key}`
    await runJob()
    expect(await operation(team, ann, operation_id)).toMatchObject({
      status: 'failed',
      processed: 0,
      error: 'The API key was revoked or has expired'
    })
  })

  test('four concurrent bulk jobs change each ticket once', async () => {
    const team = await newTeam(2 * count)
    const { operation_id } = await change(team, ann, { ids: team.tickets, action: 'set_severity', value: 1 })
    const other = await change(team, bob, { ids: team.tickets, action: 'set_priority', value: 'high' })
    await Promise.all([runJob(), runJob(), runJob(), runJob()])
    expect(await operation(team, ann, operation_id)).toMatchObject({ status: 'done', processed: 2 * count, updated: 2 * count })
    expect(await operation(team, bob, other.operation_id)).toMatchObject({ status: 'done', updated: 2 * count })
    const changed = (await eventsOf(team)).filter(({ type }) => type === 'ticket.severity_changed').map(event => event.ticket_number)
    expect(changed.sort((a, b) => a - b)).toEqual(Array.from({ length: 2 * count }, (_, index) => index + 1))
  })

  test('a crash in the middle of a bulk step loses only that step; the next run repeats it', async () => {
    const team = await newTeam(count)
    const { operation_id } = await change(team, ann, { ids: team.tickets, action: 'set_severity', value: 1 })
    await asUser({ sub: ann.id }, db => continueOperation(db, operation_id))
    await expect(
      asUser({ sub: ann.id }, async db => {
        expect(await continueOperation(db, operation_id)).toBe(true)
        throw new Error('crashed')
      })
    ).rejects.toThrow('crashed')
    expect(await operation(team, ann, operation_id)).toMatchObject({ status: 'running', processed: bulkStep, updated: bulkStep })
    await runJob()
    expect(await operation(team, ann, operation_id)).toMatchObject({ status: 'done', processed: count, updated: count })
    expect(await eventsOf(team)).toHaveLength(count)
  })

  test('a bulk operation changes each ticket once even when its process is killed twice', { timeout: 60_000 }, async () => {
    const many = 10 * bulkStep
    const team = await newTeam(many)
    const { operation_id } = await change(team, ann, { ids: team.tickets, action: 'set_severity', value: 1 })
    const processed = async () => (await operation(team, ann, operation_id)).processed
    for (const least of [1, 4 * bulkStep]) {
      const worker = fork(new URL('../support/bulk-worker.ts', import.meta.url), [databaseUrl()], { execArgv: [] })
      const ended = once(worker, 'exit')
      await once(worker, 'message')
      while ((await processed()) < least) await sleep(5)
      worker.kill('SIGKILL')
      expect(await ended).toEqual([null, 'SIGKILL'])
      expect(await processed()).toBeLessThan(many)
    }
    await runJob()
    expect(await operation(team, ann, operation_id)).toMatchObject({ status: 'done', processed: many, updated: many })
    expect((await eventsOf(team)).map(event => event.ticket_number).sort((a, b) => a - b)).toEqual(
      Array.from({ length: many }, (_, index) => index + 1)
    )
  })

  test('the bulk job changes nothing when the server is shutting down', async () => {
    const team = await newTeam(count)
    const { operation_id } = await change(team, ann, { ids: team.tickets, action: 'set_severity', value: 1 })
    await runJob(AbortSignal.abort())
    expect(await operation(team, ann, operation_id)).toMatchObject({ status: 'waiting', processed: 0 })
  })

  test('a bulk operation with an invalid value fails, is logged and does not block the next one', async () => {
    const log = vi.spyOn(console, 'error').mockImplementation(() => {})
    onTestFinished(() => log.mockRestore())
    const team = await newTeam(count)
    const broken = await change(team, ann, { ids: team.tickets, action: 'set_severity', value: 1 })
    const sound = await change(team, ann, { ids: team.tickets, action: 'set_severity', value: 2 })
    await database()`update public.bulk_operations set value = '"many"' where id = ${broken.operation_id}`
    await runJob()
    expect(await operation(team, ann, broken.operation_id)).toMatchObject({ status: 'failed', error: 'Something went wrong' })
    expect(await operation(team, ann, sound.operation_id)).toMatchObject({ status: 'done' })
    expect(log).toHaveBeenCalledWith('A bulk operation failed:', expect.any(String))
  })

  test('a bulk operation has at most 50,000 tickets', () =>
    as(ann, async sql => {
      const ids = Array.from({ length: 50_001 }, () => randomUUID())
      await expect(
        sql.savepoint(sql => sql`select private.begin_bulk_operation(${acme.id}, 'close', 'null', ${ids}::uuid[])`)
      ).rejects.toMatchObject({ code: 'PT422', detail: 'too_many' })
    }))
})

test('bulk operations are deleted a day after they ended', async () => {
  const team = await newTeam(1)
  const [old, young] = [
    await change(team, ann, { ids: team.tickets, action: 'set_severity', value: 1 }),
    await change(team, ann, { ids: team.tickets, action: 'set_severity', value: 2 })
  ]
  await database()`update public.bulk_operations set finished_at = now() - interval '25 hours' where id = ${old.operation_id}`
  expect(await asService('test', removeOldOperations)).toBe(1)
  expect(await database()`select id from public.bulk_operations where team_id = ${team.id}`).toEqual([{ id: young.operation_id }])
})
