import { beforeAll, describe, expect, test } from 'vitest'
import { api, readTeamRows, database, expectError, newTeam } from '../support/api.ts'
import { foreignParameters } from '../support/foreign-objects.ts'
import { readRouteFiles, rights, type RouteRight } from '../support/routes.ts'
import { ivan, unknownId, type TeamWorld } from '../support/world.ts'

// Ivan owns one team and is not a member of the other.
let own: TeamWorld
let foreign: TeamWorld

beforeAll(async () => {
  own = await newTeam()
  foreign = await newTeam()
  await database()`insert into public.team_members (team_id, user_id, role) values (${own.id}, ${ivan.id}, 'owner')`
})

const all = Object.values(rights).flat()
// What is public has no other team: tests/api/public.test.ts.
const objectsOf = (route: string) =>
  [...(route.includes(' /public/') ? '' : route).matchAll(/\[(\w+)\]/g)]
    .map(match => match[1]!)
    .filter(name => name !== 'teamId' && name !== 'token')

/** One request for each route with an object id in its path. */
const requests = [
  ...new Map(
    all
      .filter(({ route, parameters }) => objectsOf(route).length > 0 && parameters)
      .reverse()
      .map(right => [right.route, right])
  ).values()
]

function pathOf({ route, parameters, query = '' }: RouteRight, values: Record<string, string>): string {
  const known: Record<string, string> = { teamId: own.id, ...parameters!(own), ...values }
  return route.split(' ')[1]!.replace(/\[(\w+)\]/g, (_, name: string) => known[name]!) + query
}

describe('objects of another team', () => {
  test('every route with an object id in its path has a request in tests/support/routes.ts', () => {
    const routes = readRouteFiles().filter(route => objectsOf(route).length > 0)
    expect(requests.map(({ route }) => route).sort(), 'requests in tests/support/routes.ts').toEqual(routes.sort())
  })

  for (const right of requests) {
    const method = right.route.split(' ')[0]!
    test.each(objectsOf(right.route))(`${right.route} answers the same 404 for another team's %s as for an unknown one`, async name => {
      const before = [await readTeamRows(own.id), await readTeamRows(foreign.id)]
      const body = right.body?.(own)
      const foreignValue = foreignParameters[name]?.(foreign) ?? right.parameters!(foreign)[name]!
      const missingValue = foreignValue.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, unknownId)
      const answers = []
      for (const value of [foreignValue, missingValue]) answers.push(await api(ivan, method, pathOf(right, { [name]: value }), body))
      expect(expectError(answers[0]!, 404)).toEqual(expectError(answers[1]!, 404))
      expect([await readTeamRows(own.id), await readTeamRows(foreign.id)]).toEqual(before)
    })
  }

  // An id of another team in a body is answered as an unknown id.
  const bodies: [object: string, method: string, path: (own: TeamWorld) => string, body: (foreign: TeamWorld) => unknown][] = [
    ['an assignee', 'POST', () => '/tickets', () => ({ subject: 'x', description: 'x', assigned_to: foreignParameters.userId!(foreign) })],
    [
      'an assignee of a ticket',
      'PATCH',
      own => `/tickets/${own.tickets.bobs}`,
      () => ({ assigned_to: foreignParameters.userId!(foreign) })
    ],
    ['a type', 'PATCH', own => `/tickets/${own.tickets.bobs}`, ({ type }) => ({ category: 'bug', type_id: type })],
    ['an item', 'PATCH', own => `/tickets/${own.tickets.bobs}`, ({ item }) => ({ category: 'bug', type_id: own.type, item_id: item })],
    [
      'tickets of a bulk operation',
      'POST',
      () => '/tickets/bulk',
      ({ tickets }) => ({ ids: [own.tickets.bobs, tickets.bobs], action: 'set_priority', value: 'urgent' })
    ],
    [
      'the assignee of a bulk operation',
      'POST',
      () => '/tickets/bulk',
      () => ({ ids: [own.tickets.bobs], action: 'reassign', value: foreignParameters.userId!(foreign) })
    ],
    [
      'the type of a bulk operation',
      'POST',
      () => '/tickets/bulk',
      ({ type }) => ({ ids: [own.tickets.bobs], action: 'set_category', value: { category: 'bug', type_id: type } })
    ],
    ['the category of a type', 'POST', () => '/cti/types', ({ category }) => ({ category_id: category, name: 'x' })],
    ['the type of an item', 'POST', () => '/cti/items', ({ type }) => ({ type_id: type, name: 'x' })],
    [
      'the member of an API key',
      'POST',
      () => '/api-keys',
      () => ({ name: 'x', scopes: ['read'], user_id: foreignParameters.userId!(foreign) })
    ]
  ]

  test.each(bodies)('%s that belongs to another team is refused in a body, as an unknown id is', async (_, method, path, body) => {
    const before = [await readTeamRows(own.id), await readTeamRows(foreign.id)]
    const foreignValue = JSON.stringify(body(foreign))
    const missingValue = foreignValue.replace(/[0-9a-f]{8}-[0-9a-f-]{27}(?!.*[0-9a-f]{8}-[0-9a-f-]{27})/, unknownId)
    const answers = []
    for (const text of [foreignValue, missingValue]) answers.push(await api(ivan, method, `/teams/${own.id}${path(own)}`, JSON.parse(text)))
    expect(expectError(answers[0]!, /^4(00|04|22)$/)).toEqual(expectError(answers[1]!, answers[0]!.status))
    expect([await readTeamRows(own.id), await readTeamRows(foreign.id)]).toEqual(before)
  })

  test("marking the notifications of another team's ticket as read updates none", async () => {
    expect(await api(ivan, 'POST', `/teams/${own.id}/notifications/read`, { ticket_id: foreign.tickets.bobs })).toMatchObject({
      status: 200,
      body: { updated: 0 }
    })
  })
})
