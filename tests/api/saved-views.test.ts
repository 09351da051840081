import { describe, expect, test } from 'vitest'
import type { SavedView } from '#shared/types/api'
import { api, readTeamRows, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, initech, unknownId, vera } from '../support/world.ts'

describeRouteRights('saved-views')

const path = (team: { id: string }) => `/teams/${team.id}/saved-views`

describe('saved views', () => {
  test("saved views list the caller's own views first, then the team's, each by position", async () => {
    const team = await newTeam()
    await api(bob, 'POST', path(team), { name: 'First', filters: {}, position: 0 })
    await api(bob, 'PATCH', `${path(team)}/${team.views.bobs}`, { position: 1 })
    expect((await api<SavedView[]>(bob, 'GET', path(team))).body.map(({ name }) => name)).toEqual(['First', 'Bugs', "Nobody's"])
    expect((await api<SavedView[]>(vera, 'GET', path(team))).body.map(({ name }) => name)).toEqual(["Nobody's"])
  })

  test('a saved view keeps its filters as given', async () => {
    const team = await newTeam()
    const filters = {
      status: ['open', 'waiting'],
      severity: '1',
      assigned_to: ['me', 'none'],
      tag: 'VPN',
      q: '  résumé "x" ',
      sort: 'priority',
      order: 'desc',
      created_from: '2026-01-01'
    }
    const { status, body } = await api<SavedView>(bob, 'POST', path(team), { name: ' Mine ', filters })
    expect(status).toBe(201)
    expect(body).toMatchObject({ name: 'Mine', filters, is_shared: false, position: 0, user_id: bob.id, is_repaired: false })
    expect(Object.keys(body).sort()).toEqual([
      'created_at',
      'filters',
      'id',
      'is_repaired',
      'is_shared',
      'name',
      'position',
      'updated_at',
      'user_id'
    ])
    expect((await api<SavedView>(bob, 'PATCH', `${path(team)}/${body.id}`, {})).body).toEqual(body)
    expect((await api<SavedView>(bob, 'PATCH', `${path(team)}/${body.id}`, { filters: {} })).body).toMatchObject({
      name: 'Mine',
      filters: {}
    })
  })

  test.each([
    [{ status: 'lost' }, 'status'],
    [{ colour: 'red' }, 'colour'],
    [{ page: '2' }, 'page'],
    [{ severity: ['1', '9'] }, 'severity'],
    [{ q: 7 }, 'q'],
    [{ status: { $ne: 'open' } }, 'status'],
    [{ q: 'x'.repeat(300) }, 'q'],
    [{ q: 'vpn status:' }, 'q']
  ])('a saved view with the invalid filter %j is refused', async (filters, field) => {
    const before = await readTeamRows(acme.id)
    const error = expectError(await api(bob, 'POST', path(acme), { name: 'Bad', filters }), 400, 'invalid')
    expect(error.data.issues?.[0]?.path).toMatch(new RegExp(`^filters\\.${field}`))
    expect(await readTeamRows(acme.id)).toBe(before)
  })

  test.each([
    [{ position: 10_001 }, 'position', 'Position is too large'],
    [{ position: -1 }, 'position', 'The first position is 0'],
    [{ position: '1' }, 'position', 'Position must be a number'],
    [{ position: 1.5 }, 'position', 'Position must be whole'],
    [{ filters: { tag: Array.from({ length: 51 }, (_, number) => `t${number}`) } }, 'filters.tag', 'Name at most 50 values'],
    [{ filters: { q: 'x'.repeat(201) } }, 'filters.q', 'Search for at most 200 characters'],
    [{ filters: { q: {} } }, 'filters.q', 'A filter must be a text or a list of texts'],
    [{ filters: { status: ['open', 'opne'] } }, 'filters.status', 'Not a ticket status']
  ])('a saved view with %j is refused with a message at the field', async (fields, path_, message) => {
    const error = expectError(await api(bob, 'POST', path(acme), { name: 'Bad', filters: {}, ...fields }), 400, 'invalid')
    expect(error).toMatchObject({ message, data: { issues: [{ path: path_, message }] } })
  })

  test('a stored view with outdated filters is returned without them', async () => {
    const team = await newTeam()
    await database()`update saved_views set filters = ${database().json({ status: ['open', 'frozen'], mood: 'good', priority: 'high' })} where id = ${team.views.bobs}`
    const [view] = (await api<SavedView[]>(bob, 'GET', path(team))).body
    expect(view).toMatchObject({ filters: { priority: 'high' }, is_repaired: true })
    expect((await api(bob, 'GET', `${path(team)}/counts`)).status).toBe(200)
  })

  test.each(['0000-06-01', '0000-06-01T00:00:00Z', '2026-01-01T00:00:00+16:00', '2026-01-01T00:00:00-23:59'])(
    'a saved view with the unsupported date %s is refused, and one that is stored does not break the counts',
    async day => {
      const team = await newTeam()
      const error = expectError(
        await api(bob, 'POST', path(team), { name: 'x', is_shared: true, filters: { created_from: day } }),
        400,
        'invalid'
      )
      expect(error.data.issues).toEqual([{ path: 'filters.created_from', message: expect.stringMatching(/^Years are/) as string }])
      await database()`update saved_views set filters = ${database().json({ created_from: day })} where id = ${team.views.shared}`
      expect((await api(bob, 'GET', `${path(team)}/counts`)).body).toMatchObject({ [team.views.shared]: 4 })
    }
  )

  test('the counts of saved views are those of the caller', async () => {
    const team = await newTeam()
    expect((await api(bob, 'GET', `${path(team)}/counts`)).body).toEqual({
      'my-open': 1,
      'unassigned': 1,
      'all-open': 3,
      'breaching-soon': 0,
      'snoozed': 0,
      'recently-resolved': 0,
      [team.views.bobs]: 1,
      [team.views.shared]: 2
    })
    expect((await api(ann, 'GET', `${path(team)}/counts`)).body).toEqual({
      'my-open': 0,
      'unassigned': 1,
      'all-open': 3,
      'breaching-soon': 0,
      'snoozed': 0,
      'recently-resolved': 0,
      [team.views.shared]: 2
    })
  })

  test('a saved view can leave out snoozed tickets, and the view "snoozed" counts them', async () => {
    const team = await newTeam()
    const [validFilters, invalidFilters] = [
      { status: ['open', 'waiting'], snoozed: 'false' },
      { status: 'open', snoozed: 'perhaps' }
    ]
    const { body: view } = await api<SavedView>(bob, 'POST', path(team), { name: 'Awake', filters: validFilters })
    expectError(await api(bob, 'POST', path(team), { name: 'Awake?', filters: invalidFilters }), 400, 'invalid')
    for (const id of [team.tickets.bobs, team.tickets.anns])
      await api(bob, 'PATCH', `/teams/${team.id}/tickets/${id}`, { snoozed_until: new Date(Date.now() + 3_600_000).toISOString() })
    expect((await api(bob, 'GET', `${path(team)}/counts`)).body).toMatchObject({
      'my-open': 0,
      'unassigned': 1,
      'all-open': 1,
      'snoozed': 2,
      [view.id]: 1,
      [team.views.shared]: 2
    })
  })

  test("another team's view and a colleague's private view answer 404, as an unknown view does", async () => {
    const before = await readTeamRows(initech.id)
    for (const [method, body] of [
      ['PATCH', { name: 'x' }],
      ['PATCH', {}],
      ['DELETE', undefined]
    ] as const) {
      const answers = await Promise.all(
        [initech.view, acme.views.bobs, unknownId].map(id => api(adam, method, `${path(acme)}/${id}`, body))
      )
      expectError(answers[0]!, 404, 'not_found')
      expect(answers.map(({ body }) => body)).toEqual(Array(3).fill(answers[0]!.body))
    }
    expect(await readTeamRows(initech.id)).toBe(before)
  })

  test('a person has at most 50 saved views', async () => {
    const team = await newTeam()
    // Bob has one view already.
    await database()`insert into public.saved_views (team_id, user_id, name, filters) select ${team.id}, ${bob.id}, 'View ' || n, '{}' from generate_series(1, 48) as n`
    const add = async () => (await api(bob, 'POST', path(team), { name: 'One more', filters: {} })).status
    expect([await add(), await add()]).toEqual([201, 422])
  })
})
