import { describe, expect, test } from 'vitest'
import type { Contact, Organization, Sharing } from '#shared/types/api'
import { api, expectError, newTeam, readTeamRows } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, initech, unknownId } from '../support/world.ts'

describeRouteRights('organizations')

const path = (team: { id: string }) => `/teams/${team.id}/organizations`

describe('organizations', () => {
  test('an organization is added with its domains, changed and deleted; its contacts stay', async () => {
    const team = await newTeam()
    const { body: added } = await api<Organization>(adam, 'POST', path(team), {
      name: 'Big Corp',
      tier: 'Gold',
      domains: ['Big.test', 'big.test']
    })
    expect(added).toMatchObject({ name: 'Big Corp', tier: 'Gold', domains: ['big.test'], shares_tickets: false, contacts: 0 })
    const of = `${path(team)}/${added.id}`
    expect((await api<Organization>(adam, 'PATCH', of, { domains: ['corp.big.test', 'big.test'], notes: 'x' })).body).toMatchObject({
      domains: ['big.test', 'corp.big.test'],
      notes: 'x',
      tier: 'Gold'
    })
    const { body: contact } = await api<Contact>(bob, 'POST', `/teams/${team.id}/contacts`, { email: 'a@big.test' })
    expect(contact.organization_name).toBe('Big Corp')
    expect((await api<Organization[]>(bob, 'GET', path(team))).body.map(({ name, contacts }) => [name, contacts])).toEqual([
      ['Big Corp', 1],
      ['Client Corp', 1]
    ])
    expect((await api(adam, 'DELETE', of)).status).toBe(204)
    expect((await api<Contact>(bob, 'GET', `/teams/${team.id}/contacts/${contact.id}`)).body.organization_id).toBeNull()
  })

  test.each([
    ['client.test', 409, 'domain_taken'],
    ['gmail.com', 422, 'mail_provider'],
    ['co.uk', 422, 'public_suffix'],
    ['github.io', 422, 'public_suffix']
  ])('the domain %s is refused with %d, and nothing is left behind', async (domain, status, code) => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    expectError(await api(adam, 'POST', path(team), { name: 'New', domains: ['new.test', domain] }), status, code)
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('the preview of sharing counts tickets and contacts', async () => {
    const team = await newTeam()
    await api(bob, 'POST', `/teams/${team.id}/tickets`, { subject: 'x', description: 'x', contact_id: team.contacts.carla })
    expect((await api<Sharing>(adam, 'GET', `${path(team)}/${team.organization}/sharing`)).body).toEqual({ tickets: 1, contacts: 1 })
  })

  test("another team's organization answers 404, as an unknown one does", async () => {
    const before = await readTeamRows(initech.id)
    for (const [method, rest, body] of [
      ['GET', '', undefined],
      ['GET', '/sharing', undefined],
      ['PATCH', '', { name: 'x' }],
      ['PATCH', '', { domains: ['x.test'] }],
      ['DELETE', '', undefined]
    ] as const) {
      const [foreign, missing] = [
        await api(ann, method, `${path(acme)}/${initech.organization}${rest}`, body),
        await api(ann, method, `${path(acme)}/${unknownId}${rest}`, body)
      ]
      expectError(foreign, 404, 'not_found')
      expect(foreign.body).toEqual(missing.body)
    }
    expect(await readTeamRows(initech.id)).toBe(before)
  })
})
