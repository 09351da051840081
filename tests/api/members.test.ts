import { describe, expect, test } from 'vitest'
import type { Member, Team, Ticket } from '#shared/types/api'
import { api, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { adam, ann, bob, dan, unknownId, vera } from '../support/world.ts'

describeRouteRights('members')

describe('members', () => {
  test.each([
    ['an owner', ann, true],
    ['an admin', adam, true],
    ['a member', bob, true],
    ['a viewer', vera, false]
  ] as const)('%s lists the members, with addresses unless they are a viewer', async (_, person, seesEmails) => {
    const team = await newTeam()
    const { body } = await api<Member[]>(person, 'GET', `/teams/${team.id}/members`)
    expect(body.map(({ id, role, email }) => [id, role, email])).toEqual(
      expect.arrayContaining([ann, adam, bob, vera].map(({ id, role, email }) => [id, role, seesEmails ? email : null]))
    )
    expect(body).toHaveLength(4)
    expect(Object.keys(body[0]!).sort()).toEqual(['avatar_url', 'email', 'full_name', 'id', 'joined_at', 'kind', 'role'])
  })

  test('a changed role applies to the next request', async () => {
    const team = await newTeam()
    expectError(await api(vera, 'POST', `/teams/${team.id}/tickets`, { subject: 'x', description: 'x' }), 403)
    expect((await api<Member>(adam, 'PATCH', `/teams/${team.id}/members/${vera.id}`, { role: 'member' })).body).toMatchObject({
      id: vera.id,
      role: 'member',
      email: vera.email
    })
    expect((await api(vera, 'POST', `/teams/${team.id}/tickets`, { subject: 'x', description: 'x' })).status).toBe(201)
  })

  test('nobody can change their own role, and an admin cannot remove an owner', async () => {
    const team = await newTeam()
    for (const person of [ann, adam])
      expect(
        expectError(await api(person, 'PATCH', `/teams/${team.id}/members/${person.id}`, { role: 'owner' }), 403, 'forbidden').message
      ).toBe('You cannot change your own role')
    expect(expectError(await api(adam, 'DELETE', `/teams/${team.id}/members/${ann.id}`), 403, 'forbidden').message).toBe(
      'Only owners can remove owners'
    )
    expect((await api<Team>(adam, 'GET', `/teams/${team.id}`)).body.role).toBe('admin')
  })

  test('a removed member gets 404 at the next request, and their tickets become unassigned', async () => {
    const team = await newTeam()
    const topic = (await api<Team>(ann, 'GET', `/teams/${team.id}`)).body.realtime_topic
    expect((await api(adam, 'DELETE', `/teams/${team.id}/members/${bob.id}`)).status).toBe(204)
    expectError(await api(bob, 'GET', `/teams/${team.id}/tickets`), 404)
    expect((await api<Ticket>(ann, 'GET', `/teams/${team.id}/tickets/1`)).body).toMatchObject({
      assigned_to: null,
      assignee: null,
      assignee_name: null
    })
    expect((await api<Team>(ann, 'GET', `/teams/${team.id}`)).body.realtime_topic).not.toBe(topic)
  })

  test('a member who becomes a viewer is unassigned from their tickets', async () => {
    const team = await newTeam()
    await api(adam, 'PATCH', `/teams/${team.id}/members/${bob.id}`, { role: 'viewer' })
    expect((await api<Ticket>(ann, 'GET', `/teams/${team.id}/tickets/1`)).body.assigned_to).toBeNull()
  })

  test('the last owner cannot leave, and one of two owners can', async () => {
    const team = await newTeam()
    expectError(await api(ann, 'DELETE', `/teams/${team.id}/members/me`), 409, 'last_owner')
    await api(ann, 'PATCH', `/teams/${team.id}/members/${adam.id}`, { role: 'owner' })
    expect((await api(ann, 'DELETE', `/teams/${team.id}/members/me`)).status).toBe(204)
    expectError(await api(adam, 'DELETE', `/teams/${team.id}/members/${adam.id}`), 409, 'last_owner')
  })

  test('of four owners who leave concurrently, one stays', async () => {
    const team = await newTeam()
    await database()`update public.team_members set role = 'owner' where team_id = ${team.id}`
    const answers = await Promise.all([ann, adam, bob, vera].map(person => api(person, 'DELETE', `/teams/${team.id}/members/me`)))
    expect(answers.map(({ status }) => status).sort()).toEqual([204, 204, 204, 409])
    expect(await database()`select role from public.team_members where team_id = ${team.id}`).toEqual([{ role: 'owner' }])
  })

  test('changing or removing a person outside the team answers 404, as for an unknown person', async () => {
    const team = await newTeam()
    for (const [method, body] of [
      ['PATCH', { role: 'member' }],
      ['DELETE', undefined]
    ] as const) {
      const [foreign, missing] = [
        await api(ann, method, `/teams/${team.id}/members/${dan.id}`, body),
        await api(ann, method, `/teams/${team.id}/members/${unknownId}`, body)
      ]
      expectError(foreign, 404)
      expect(foreign.body).toEqual(missing.body)
    }
  })

  test.each([{}, { role: 'superuser' }, { role: 'OWNER' }, { role: ['owner'] }, { role: null }, { role: 'member', team_id: unknownId }])(
    'a change of a member to %o is refused',
    async body => {
      const team = await newTeam()
      expectError(await api(ann, 'PATCH', `/teams/${team.id}/members/${vera.id}`, body), 400, 'invalid')
    }
  )
})
