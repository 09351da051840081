import { describe, expect, test } from 'vitest'
import type { Contact, ContactMerge, Page, Ticket } from '#shared/types/api'
import { api, database, expectError, newTeam, readTeamRows } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, initech, unknownId, vera } from '../support/world.ts'

describeRouteRights('contacts')

const path = (team: { id: string }) => `/teams/${team.id}/contacts`

describe('contacts', () => {
  test('contacts are listed by name without merged duplicates, and found by parts of names and addresses', async () => {
    const team = await newTeam()
    await api(bob, 'POST', path(team), { email: 'nobody@else.test' })
    const list = async (query = '') => (await api<Contact[]>(vera, 'GET', path(team) + query)).body.map(({ name, email }) => name ?? email)
    expect(await list()).toEqual(['Carla Client', 'Mona Minor', 'nobody@else.test'])
    expect(await list('?q=min%20MON')).toEqual(['Mona Minor'])
    expect(await list('?q=carl@client')).toEqual(['Carla Client'])
    expect(await list('?q=%25')).toEqual([])
    expect(await list(`?organization_id=${team.organization}`)).toEqual(['Carla Client'])
    await api(ann, 'PATCH', `${path(team)}/${team.contacts.mona}`, { is_blocked: true })
    expect(await list('?blocked=true')).toEqual(['Mona Minor'])
    expect((await api<Page<Contact>>(vera, 'GET', `${path(team)}?q=client&page=1&page_size=1`)).body).toMatchObject({
      total: 1,
      data: [{ email: 'carla@client.test', organization_name: 'Client Corp', has_account: false, open_tickets: 0, total_tickets: 0 }]
    })
  })

  test('a contact is added once for each address, and joins the organization of its domain', async () => {
    const team = await newTeam()
    const { status, body } = await api<Contact>(bob, 'POST', path(team), { email: 'Dora@Client.test', name: 'Dora', locale: 'de' })
    expect(status).toBe(201)
    expect(body).toMatchObject({
      name: 'Dora',
      email: 'dora@client.test',
      addresses: [{ address: 'dora@client.test', is_primary: true, verified_at: null }],
      organization_id: team.organization,
      locale: 'de',
      blocked_at: null
    })
    const before = await readTeamRows(team.id)
    expectError(await api(bob, 'POST', path(team), { email: 'dora@client.test' }), 409, 'address_taken')
    expectError(await api(bob, 'POST', path(team), { email: ann.email }), 422, 'own_address')
    expect(await readTeamRows(team.id)).toBe(before)
  })

  test('a ticket belongs to the contact with its address, and follows them', async () => {
    const team = await newTeam()
    const fields = { subject: 'x', description: 'x' }
    const { body: ticket } = await api<Ticket>(bob, 'POST', `/teams/${team.id}/tickets`, { ...fields, requester_email: 'mona@minor.test' })
    expect(ticket).toMatchObject({ contact_id: team.contacts.mona, requester_name: 'Mona Minor' })
    await api(bob, 'PATCH', `${path(team)}/${team.contacts.mona}`, { name: 'Mona Major' })
    const address = { address: 'mona@major.test' }
    await api(bob, 'POST', `${path(team)}/${team.contacts.mona}/addresses`, address)
    const { body: contact } = await api<Contact>(bob, 'PATCH', `${path(team)}/${team.contacts.mona}/addresses`, {
      ...address,
      is_primary: true
    })
    expect(contact).toMatchObject({ email: 'mona@major.test', open_tickets: 1, total_tickets: 1 })
    const of = (id: string) => `/teams/${team.id}/tickets/${id}`
    expect((await api<Ticket>(bob, 'GET', of(ticket.id))).body).toMatchObject({
      requester_name: 'Mona Major',
      requester_email: 'mona@major.test'
    })
    expect((await api<Ticket>(bob, 'PATCH', of(ticket.id), { contact_id: team.contacts.carla })).body).toMatchObject({
      contact_id: team.contacts.carla,
      requester_email: 'carla@client.test'
    })
    expectError(await api(bob, 'PATCH', of(ticket.id), { contact_id: initech.contacts.mona }), /^4/)
  })

  test('an address is removed, but not the last one', async () => {
    const team = await newTeam()
    const of = `${path(team)}/${team.contacts.carla}/addresses`
    expect((await api(bob, 'DELETE', `${of}?address=carla@client.test`)).status).toBe(204)
    expect((await api<Contact>(bob, 'GET', `${path(team)}/${team.contacts.carla}`)).body.email).toBe('carl@client.test')
    expectError(await api(bob, 'DELETE', `${of}?address=carl@client.test`), 422, 'last_address')
    expectError(await api(bob, 'DELETE', `${of}?address=mona@minor.test`), 404, 'not_found')
  })

  test('two contacts are merged, and the merge is undone', async () => {
    const team = await newTeam()
    const { carla, mona } = team.contacts
    const { body: merge } = await api<ContactMerge>(adam, 'POST', `${path(team)}/merges`, { contact_id: carla, duplicate_id: mona })
    expect(merge).toMatchObject({ contact_id: carla, duplicate_id: mona, addresses: ['mona@minor.test'], undone_at: null })
    expectError(await api(adam, 'GET', `${path(team)}/${mona}`), 404, 'not_found')
    expect((await api<ContactMerge[]>(adam, 'GET', `${path(team)}/${carla}/merges`)).body.map(({ id }) => id)).toContain(merge.id)
    expect((await api<ContactMerge>(adam, 'POST', `${path(team)}/merges/${merge.id}/undo`)).body.undone_at).not.toBeNull()
    expect((await api<Contact>(adam, 'GET', `${path(team)}/${mona}`)).body.email).toBe('mona@minor.test')
    expectError(await api(adam, 'POST', `${path(team)}/merges/${merge.id}/undo`), 409, 'already_undone')
    expectError(await api(adam, 'POST', `${path(team)}/merges`, { contact_id: carla, duplicate_id: carla }), 422, 'same_contact')
  })

  test("another team's contact answers 404, as an unknown one does", async () => {
    const before = await readTeamRows(initech.id)
    for (const [method, rest, body] of [
      ['GET', '', undefined],
      ['PATCH', '', { name: 'x' }],
      ['PATCH', '', { is_blocked: true }],
      ['PATCH', '', {}],
      ['DELETE', '', undefined],
      ['POST', '/addresses', { address: 'x@x.test' }],
      ['PATCH', '/addresses', { address: 'mona@minor.test', is_primary: true }],
      ['DELETE', '/addresses?address=mona@minor.test', undefined]
    ] as const) {
      const [foreign, missing] = [
        await api(ann, method, `${path(acme)}/${initech.contacts.mona}${rest}`, body),
        await api(ann, method, `${path(acme)}/${unknownId}${rest}`, body)
      ]
      expectError(foreign, 404, 'not_found')
      expect(foreign.body).toEqual(missing.body)
    }
    expect(await readTeamRows(initech.id)).toBe(before)
  })

  test('an erased contact is gone, with their name and address in their tickets', async () => {
    const team = await newTeam()
    const { body: ticket } = await api<Ticket>(bob, 'POST', `/teams/${team.id}/tickets`, {
      subject: 'x',
      description: 'x',
      contact_id: team.contacts.mona
    })
    expect((await api(ann, 'DELETE', `${path(team)}/${team.contacts.mona}`)).status).toBe(204)
    expect((await api<Ticket>(ann, 'GET', `/teams/${team.id}/tickets/${ticket.id}`)).body).toMatchObject({
      contact_id: null,
      requester_name: null,
      requester_email: null
    })
    expect(await database()`select from contact_addresses where team_id = ${team.id} and address = 'mona@minor.test'`).toHaveLength(0)
  })
})
