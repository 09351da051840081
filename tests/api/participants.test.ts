import { describe, expect, test } from 'vitest'
import type { Contact, Participant } from '#shared/types/api'
import { api, expectError, newTeam, readTeamRows } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, ann, bob, unknownId } from '../support/world.ts'

describeRouteRights('participants')

const pathOf = (team: { id: string; tickets: { unassigned: string } }) =>
  `/teams/${team.id}/tickets/${team.tickets.unassigned}/participants`

describe('participants', () => {
  test('a contact takes part by id or by address, a new address adds a contact, and adding one again changes nothing else', async () => {
    const team = await newTeam()
    const path = pathOf(team)
    const { body: mona } = await api<Participant>(bob, 'POST', path, { contact_id: team.contacts.mona })
    expect(mona).toMatchObject({ contact_id: team.contacts.mona, name: 'Mona Minor', email: 'mona@minor.test', can_read_history: false })
    expect((await api<Participant>(bob, 'POST', path, { email: 'Carl@client.test' })).body.contact_id).toBe(team.contacts.carla)
    const { body: nina } = await api<Participant>(bob, 'POST', path, { email: 'nina@client.test', name: 'Nina New' })
    expect((await api<Contact>(bob, 'GET', `/teams/${team.id}/contacts/${nina.contact_id}`)).body).toMatchObject({
      name: 'Nina New',
      organization_name: 'Client Corp'
    })
    expect((await api<Participant>(bob, 'POST', path, { contact_id: team.contacts.mona, can_read_history: true })).body).toEqual({
      ...mona,
      can_read_history: true
    })
    expect((await api<Participant[]>(bob, 'GET', path)).body.map(({ name }) => name)).toEqual(['Mona Minor', 'Carla Client', 'Nina New'])
    expect((await api(bob, 'DELETE', `${path}/${nina.contact_id}`)).status).toBe(204)
    expectError(await api(bob, 'DELETE', `${path}/${nina.contact_id}`), 404)
  })

  test('bad participants are refused and leave nothing behind', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    for (const contact_id of [acme.contacts.mona, unknownId, team.contacts.carl]) {
      const { status } = await api(bob, 'POST', pathOf(team), { contact_id })
      expect([400, 404]).toContain(status)
    }
    expectError(await api(bob, 'POST', pathOf(team), { email: ann.email }), 422, 'own_address')
    expectError(await api(bob, 'POST', pathOf(team), {}), 400, 'invalid')
    expect(await readTeamRows(team.id)).toBe(before)
  })
})
