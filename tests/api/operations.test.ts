import { describe, expect, test } from 'vitest'
import type { BulkAnswer, BulkOperation, Ticket } from '#shared/types/api'
import { api, readTeamRows, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, initech, unknownId, type Person, type TeamWorld } from '../support/world.ts'

describeRouteRights('operations')

const change = async (team: TeamWorld, person: Person, body: object) =>
  (await api<BulkAnswer>(person, 'POST', `/teams/${team.id}/tickets/bulk`, body)).body.operation_id
const undo = (team: { id: string }, person: Person, id: string) => api(person, 'POST', `/teams/${team.id}/operations/${id}/undo`)
const ticket = async (team: TeamWorld, name: keyof TeamWorld['tickets']) =>
  (await api<Ticket>(ann, 'GET', `/teams/${team.id}/tickets/${team.tickets[name]}`)).body

describe('undoing a bulk operation', () => {
  test('an undo skips the tickets that a colleague has changed since', async () => {
    const team = await newTeam()
    const id = await change(team, bob, { ids: [team.tickets.bobs, team.tickets.anns], action: 'set_severity', value: 1 })
    await api(ann, 'PATCH', `/teams/${team.id}/tickets/${team.tickets.anns}`, { severity: 2 })
    expect(await undo(team, bob, id)).toMatchObject({ status: 200, body: { status: 'undone', restored: 1, skipped: 1 } })
    expect([(await ticket(team, 'bobs')).severity, (await ticket(team, 'anns')).severity]).toEqual([3, 2])
    expectError(await undo(team, bob, id), 409, 'already_undone')
  })

  test('an undo of closing restores the earlier status with its times', async () => {
    const team = await newTeam()
    const before = [await ticket(team, 'anns'), await ticket(team, 'closed')]
    const id = await change(team, adam, { ids: [team.tickets.anns, team.tickets.closed], action: 'close' })
    expect((await ticket(team, 'anns')).closed_at).not.toBeNull()
    expect((await undo(team, adam, id)).body).toMatchObject({ restored: 1, skipped: 0 })
    for (const [index, name] of (['anns', 'closed'] as const).entries()) {
      const { status, resolved_at, closed_at } = before[index]!
      expect(await ticket(team, name)).toMatchObject({ status, resolved_at, closed_at })
    }
  })

  test('a bulk deletion cannot be undone', async () => {
    const team = await newTeam()
    const id = await change(team, adam, { ids: [team.tickets.anns], action: 'delete' })
    const error = expectError(await undo(team, adam, id), 409, 'not_undoable')
    expect(error.message).toBe('A deletion cannot be undone')
  })

  test('two successive bulk operations can be undone in reverse order', async () => {
    const team = await newTeam()
    const ids = [team.tickets.bobs, team.tickets.unassigned]
    const first = await change(team, ann, { ids, action: 'reassign', value: adam.id })
    const second = await change(team, ann, { ids, action: 'reassign', value: null })
    expect((await undo(team, ann, second)).body).toMatchObject({ restored: 2 })
    expect((await undo(team, ann, first)).body).toMatchObject({ restored: 2 })
    expect([(await ticket(team, 'bobs')).assigned_to, (await ticket(team, 'unassigned')).assigned_to]).toEqual([bob.id, null])
  })
})

describe('a bulk operation', () => {
  test('a bulk operation of another person or team answers 404, as an unknown one does', async () => {
    const before = [await readTeamRows(initech.id), await readTeamRows(acme.id)]
    for (const [method, suffix] of [
      ['GET', ''],
      ['POST', '/undo']
    ] as const) {
      const answers = await Promise.all(
        [initech.operation, acme.operation, unknownId].map(id => api(adam, method, `/teams/${acme.id}/operations/${id}${suffix}`))
      )
      expectError(answers[0]!, 404, 'not_found')
      expect(answers.map(({ body }) => body)).toEqual(Array(3).fill(answers[0]!.body))
    }
    expect([await readTeamRows(initech.id), await readTeamRows(acme.id)]).toEqual(before)
  })

  test('a failed bulk operation states its error, and its changes can be undone', async () => {
    const team = await newTeam()
    const id = await change(team, bob, { ids: [team.tickets.bobs], action: 'set_severity', value: 1 })
    await database()`update public.bulk_operations set status = 'failed', error = 'The reason' where id = ${id}`
    expect((await api<BulkOperation>(bob, 'GET', `/teams/${team.id}/operations/${id}`)).body).toMatchObject({
      status: 'failed',
      error: 'The reason',
      updated: 1
    })
    expect((await undo(team, bob, id)).body).toMatchObject({ status: 'undone', restored: 1 })
    expect((await api<BulkOperation>(bob, 'GET', `/teams/${team.id}/operations/${id}`)).body).toMatchObject({
      status: 'undone',
      error: null
    })
  })

  test("a member's bulk operations are deleted when the member is removed", async () => {
    const team = await newTeam()
    const id = await change(team, bob, { ids: [team.tickets.bobs], action: 'set_severity', value: 1 })
    await api(ann, 'DELETE', `/teams/${team.id}/members/${bob.id}`)
    expect(await database()`select from public.bulk_operations where id = ${id}`).toHaveLength(0)
  })
})
