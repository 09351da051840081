import { describe, expect, test } from 'vitest'
import type { Project, Ticket, Page } from '#shared/types/api'
import { api, expectError, newTeam, readTeamRows } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, bob, unknownId } from '../support/world.ts'

describeRouteRights('projects')

describe('projects', () => {
  test('a project is added, changed, archived and found as a filter of tickets', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/projects`
    const { body: added } = await api<Project>(adam, 'POST', path, { name: 'Shop' })
    expect(added).toMatchObject({ name: 'Shop', organization_id: null, organization_name: null, archived_at: null })
    const of = `${path}/${added.id}`
    expect((await api<Project>(adam, 'PATCH', of, { organization_id: team.organization })).body.organization_name).toBe('Client Corp')
    const archived = (await api<Project>(adam, 'PATCH', of, { is_archived: true })).body.archived_at
    expect(archived).not.toBeNull()
    expect((await api<Project>(adam, 'PATCH', of, { is_archived: true })).body.archived_at).toBe(archived)
    expect((await api<Project>(adam, 'PATCH', of, { is_archived: false })).body.archived_at).toBeNull()

    const { body: ticket } = await api<Ticket>(bob, 'POST', `/teams/${team.id}/tickets`, {
      subject: 'x',
      description: 'x',
      project_id: added.id,
      contact_id: team.contacts.mona
    })
    expect(ticket).toMatchObject({ project_id: added.id, project_name: 'Shop' })
    for (const filter of [`project_id=${added.id}`, `contact_id=${team.contacts.mona}`]) {
      const { body } = await api<Page<Ticket>>(bob, 'GET', `/teams/${team.id}/tickets?page=1&${filter}`)
      expect(body.data.map(({ id }) => id)).toEqual([ticket.id])
    }

    expectError(await api(adam, 'DELETE', of), 409, 'project_used')
    expectError(await api(adam, 'DELETE', `/teams/${team.id}/organizations/${team.organization}`), 409, 'project_used')
    await api(bob, 'PATCH', `/teams/${team.id}/tickets/${ticket.id}`, { project_id: null })
    expect((await api(adam, 'DELETE', of)).status).toBe(204)
  })

  test('a ticket and a project refuse ids of another team, as unknown ones', async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    for (const project_id of [acme.project, unknownId])
      expectError(await api(bob, 'POST', `/teams/${team.id}/tickets`, { subject: 'x', description: 'x', project_id }), 400, 'invalid')
    for (const organization_id of [acme.organization, unknownId])
      expectError(await api(adam, 'POST', `/teams/${team.id}/projects`, { name: 'x', organization_id }), 400, 'unknown_reference')
    expect(await readTeamRows(team.id)).toBe(before)
  })
})
