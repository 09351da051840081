import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { BulkAnswer, BulkOperation, Ticket, TicketCounts } from '#shared/types/api'
import type { TicketEvent } from '#shared/schemas/event'
import { api, readTeamRows, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, initech, ivan, unknownId, type Person, type TeamWorld } from '../support/world.ts'

describeRouteRights('bulk')

const bulk = (team: { id: string }, person: Person, body: unknown) =>
  api<BulkAnswer>(person, 'POST', `/teams/${team.id}/tickets/bulk`, body)
const ticket = async (team: TeamWorld, name: keyof TeamWorld['tickets']) =>
  (await api<Ticket>(ann, 'GET', `/teams/${team.id}/tickets/${team.tickets[name]}`)).body
const pollUntil = async <T>(ask: () => Promise<T>, isEnough: (value: T) => boolean): Promise<T> => {
  for (const deadline = Date.now() + 25_000; ;) {
    const value = await ask()
    if (isEnough(value)) return value
    if (Date.now() > deadline) throw new Error(`Timed out; the last value was ${JSON.stringify(value)}`)
  }
}

describe('a bulk operation', () => {
  test('a bulk operation answers how many tickets it changed, and each ticket gets an event with its author', async () => {
    const team = await newTeam()
    const { status, body } = await bulk(team, bob, {
      ids: [team.tickets.bobs, team.tickets.unassigned.toUpperCase()],
      action: 'set_priority',
      value: 'urgent'
    })
    expect(status).toBe(200)
    expect(body).toEqual({ operation_id: expect.any(String) as string, status: 'done', total: 2, updated: 2 })
    expect((await ticket(team, 'bobs')).priority).toBe('urgent')
    const { body: events } = await api<TicketEvent[]>(bob, 'GET', `/teams/${team.id}/tickets/${team.tickets.bobs}/audit`)
    expect(events.find(({ type }) => type === 'ticket.priority_changed')).toMatchObject({
      actor: { id: bob.id },
      channel: 'ui',
      from: 'normal',
      to: 'urgent'
    })
    expect((await bulk(team, bob, { ids: [team.tickets.bobs], action: 'set_priority', value: 'urgent' })).body).toMatchObject({
      total: 1,
      updated: 0
    })
  })

  test('a bulk operation takes the filter of a list in the form of its query string', async () => {
    const team = await newTeam()
    const filter = { status: ['open', 'waiting'], severity: '3', assigned_to: 'me', q: 'vpn' }
    expect((await bulk(team, bob, { filter, action: 'add_tag', value: ' Urgent ' })).body).toMatchObject({ total: 1, updated: 1 })
    expect((await ticket(team, 'bobs')).tags).toEqual(['urgent', 'vpn'])
    expect((await bulk(team, bob, { filter: { tag: 'nonsense' }, action: 'add_tag', value: 'x' })).body).toMatchObject({
      status: 'done',
      total: 0,
      updated: 0
    })
  })

  test.each(['status:', '-status:', 'tag:', 'assignee:,', 'tag:""', 'vpn status:', '""', '-""'])(
    'a bulk operation with the unfinished search q=%s is refused and changes nothing',
    async q => {
      const team = await newTeam()
      const before = await readTeamRows(team.id)
      expect(expectError(await bulk(team, ann, { filter: { q }, action: 'delete' }), 400, 'invalid').data.issues).toEqual([
        {
          path: 'filter.q',
          message: expect.stringMatching(
            /^(“-?(status|tag|assignee):” has no value – use |There is nothing between the quotation marks$)/
          ) as string
        }
      ])
      expect(await readTeamRows(team.id)).toBe(before)
    }
  )

  test('a bulk operation files tickets under a category or a full category path, and refuses an unknown path', async () => {
    const team = await newTeam()
    const ids = [team.tickets.bobs, team.tickets.anns]
    expect(
      (await bulk(team, bob, { ids, action: 'set_category', value: { category: 'bug', type_id: team.type, item_id: team.item } })).body
        .updated
    ).toBe(2)
    expect(await ticket(team, 'anns')).toMatchObject({ category: 'bug', type_id: team.type, item_id: team.item })
    expect((await bulk(team, bob, { ids, action: 'set_category', value: 'bug' })).body.updated).toBe(2)
    expect(await ticket(team, 'anns')).toMatchObject({ category: 'bug', type_id: null, item_id: null })
    for (const value of [
      'nonsense',
      { category: 'billing', type_id: team.type },
      { category: 'bug', type_id: initech.type },
      { category: 'bug', item_id: team.item }
    ]) {
      expect(expectError(await bulk(team, bob, { ids, action: 'set_category', value }), 400, 'invalid').data.issues).toEqual([
        { path: 'value', message: 'Not a category, type and item of this team' }
      ])
    }
  })

  test('a bulk operation snoozes tickets and wakes them', async () => {
    const team = await newTeam()
    const ids = [team.tickets.bobs, team.tickets.anns]
    // Postgres omits trailing zeros of a fraction.
    const snoozedUntil = new Date(Date.now() + 3_600_000).toISOString().replace(/\.\d+/, '.123')
    const {
      body: { operation_id }
    } = await bulk(team, bob, { ids, action: 'snooze', value: snoozedUntil })
    expect(await ticket(team, 'anns')).toMatchObject({ snoozed_until: snoozedUntil, snoozed_by: bob.id })
    expect((await bulk(team, bob, { filter: { snoozed: 'true' }, action: 'snooze', value: null })).body).toMatchObject({
      total: 2,
      updated: 2
    })
    expect(await ticket(team, 'bobs')).toMatchObject({ snoozed_until: null, snoozed_by: null })
    expect((await api(bob, 'POST', `/teams/${team.id}/operations/${operation_id}/undo`)).body).toEqual({
      status: 'undone',
      restored: 0,
      skipped: 2
    })
    expect(
      expectError(
        await bulk(team, bob, { ids: [...ids, team.tickets.closed], action: 'snooze', value: snoozedUntil }),
        422,
        'snooze_status'
      ).message
    ).toBe('A resolved or closed ticket cannot be snoozed: #003')
    expectError(await bulk(team, bob, { ids, action: 'snooze', value: new Date(0).toISOString() }), 422, 'snooze_past')
  })

  test("a bulk operation on another team's ticket answers 404, as on an unknown ticket, and changes nothing", async () => {
    const team = await newTeam()
    const [ours, theirs] = [await readTeamRows(team.id), await readTeamRows(initech.id)]
    const answers = await Promise.all(
      [initech.tickets.dans, unknownId].map(id => bulk(team, ann, { ids: [team.tickets.bobs, id], action: 'delete' }))
    )
    expectError(answers[0]!, 404, 'not_found')
    expect(answers[0]!.body).toEqual(answers[1]!.body)
    expectError(await bulk(team, ivan, { ids: [team.tickets.bobs], action: 'delete' }), 404)
    expectError(await bulk(initech, ann, { ids: [initech.tickets.dans], action: 'delete' }), 404)
    expect([await readTeamRows(team.id), await readTeamRows(initech.id)]).toEqual([ours, theirs])
  })

  test('a bulk operation changes no ticket if one of them refuses the new status, and the error names that ticket', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    const error = expectError(
      await bulk(team, adam, { ids: [team.tickets.bobs, team.tickets.closed], action: 'set_status', value: 'in_progress' }),
      422,
      'status_transition'
    )
    expect(error.message).toBe('A closed ticket can only be reopened: #003')
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test.each([
    [{ action: 'close' }, 'ids'],
    [{ ids: [unknownId], filter: {}, action: 'close' }, 'ids'],
    [{ ids: Array.from({ length: 10_001 }, () => randomUUID()), action: 'close' }, 'ids'],
    [{ ids: [unknownId, unknownId.toUpperCase()], action: 'close' }, 'ids'],
    [{ ids: [unknownId], action: 'close', value: 'now' }, 'value'],
    [{ ids: [unknownId], action: 'reassign' }, 'value'],
    [{ ids: [unknownId], action: 'reassign', value: 'me' }, 'value'],
    [{ ids: [unknownId], action: 'set_status', value: 'lost' }, 'value'],
    [{ ids: [unknownId], action: 'set_severity', value: '1' }, 'value'],
    [{ ids: [unknownId], action: 'add_tag', value: 'a,b' }, 'value'],
    [{ ids: [unknownId], action: 'set_category', value: { key: 'bug' } }, 'value'],
    [{ ids: [unknownId], action: 'snooze' }, 'value'],
    [{ ids: [unknownId], action: 'snooze', value: 'tomorrow' }, 'value'],
    [{ ids: [unknownId], action: 'snooze', value: '2030-01-01' }, 'value'],
    [{ filter: {}, action: 'reassign', value: unknownId }, 'value'],
    [{ filter: { status: 'lost' }, action: 'close' }, 'filter.status'],
    [{ ids: [unknownId], action: 'merge', value: null }, 'action'],
    [{ ids: [unknownId] }, 'action']
  ])('a bulk operation with the body %j is refused at %s', async (body, path) => {
    const { data } = expectError(await bulk(acme, ann, body), 400, 'invalid')
    expect(data.issues![0]!.path).toBe(path)
  })
})

describe('a large bulk operation', () => {
  const count = 650

  test('a bulk operation on 650 tickets runs in the background, reports its progress and can be undone', async () => {
    const team = await newTeam()
    await database()`insert into public.tickets (team_id, subject, description, severity, created_by) select ${team.id}, 'Ticket ' || n, 'x', 5, ${ann.id} from generate_series(1, ${count}) as n`
    const operation = async (id: string) => (await api<BulkOperation>(ann, 'GET', `/teams/${team.id}/operations/${id}`)).body
    const resolved = async () => (await api<TicketCounts>(ann, 'GET', `/teams/${team.id}/tickets/counts?severity=5`)).body.resolved

    const started = performance.now()
    const { status, body } = await bulk(team, ann, { filter: { severity: '5' }, action: 'set_status', value: 'resolved' })
    expect(status).toBe(202)
    expect(body).toEqual({ operation_id: expect.any(String) as string, status: 'waiting', total: count, updated: 0 })
    await pollUntil(
      () => operation(body.operation_id),
      ({ processed }) => processed > 0
    )
    expect(performance.now() - started).toBeLessThan(5_000)
    const done = await pollUntil(
      () => operation(body.operation_id),
      ({ status }) => status === 'done'
    )
    expect(done).toMatchObject({
      action: 'set_status',
      value: 'resolved',
      total: count,
      processed: count,
      updated: count,
      restored: 0,
      skipped: 0,
      error: null
    })
    expect(Object.keys(done).sort()).toEqual([
      'action',
      'created_at',
      'error',
      'finished_at',
      'id',
      'processed',
      'restored',
      'skipped',
      'status',
      'total',
      'updated',
      'value'
    ])
    expect(await resolved()).toBe(count)

    const undone = await api(ann, 'POST', `/teams/${team.id}/operations/${body.operation_id}/undo`)
    expect(undone).toMatchObject({ status: 202, body: { status: 'undoing', restored: 0, skipped: 0 } })
    expect(
      await pollUntil(
        () => operation(body.operation_id),
        ({ status }) => status === 'undone'
      )
    ).toMatchObject({ restored: count, skipped: 0 })
    expect(await resolved()).toBe(0)
  })
})
