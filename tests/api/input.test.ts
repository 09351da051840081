import { describe, expect, test } from 'vitest'
import type { Operation } from '#server/openapi/describe'
import { nouns } from '#server/openapi/document'
import { api, readTeamRows, database, expectError, newTeam, signIn, type CallOptions } from '../support/api.ts'
import { bodies } from '../support/bodies.ts'
import { callers } from '../support/authorization/principals.ts'
import { product } from '../support/own-product.ts'
import { buildRequest, rights, routes, type RouteRight } from '../support/routes.ts'
import { acme, ann, bob, initech, unknownId, vera, type TeamWorld } from '../support/world.ts'

const cases = Object.keys(bodies).map(route => [route, routes.find(right => right.route === route)!] as const)

test('every route with a JSON body has its cases in tests/support/bodies.ts', () => {
  const withBody = routes.filter(({ body }) => body && !(body(acme) instanceof FormData)).map(({ route }) => route)
  expect(new Set(Object.keys(bodies))).toEqual(new Set(withBody))
})

let shared: Promise<TeamWorld> | undefined

/** What a request to a team could have changed in the database. */
async function readEverything(team: TeamWorld) {
  const [totals] = await database()`
    select (select count(*) from public.teams)::int as teams, (select count(*) from public.team_members)::int as members, (select count(*) from public.tickets)::int as tickets,
      (select count(*) from public.ticket_replies)::int as replies, (select count(*) from public.team_invitations)::int as invitations, (select md5(string_agg(p::text, '' order by id)) from public.profiles p) as profiles`
  return { totals, team: await readTeamRows(team.id) }
}

/** Sends requests and expects each to be refused with 4xx in the documented shape, without a change in the database. */
async function attack(
  right: RouteRight,
  attacks: { what: unknown; expected?: number | RegExp; options: CallOptions & { body?: unknown } }[]
) {
  const team = await (shared ??= newTeam())
  const { method, path } = buildRequest(right, team)
  const before = await readEverything(team)
  await forEachConcurrently(attacks, async ({ what, expected = 400, options }) => {
    const started = performance.now()
    const answer = await api(ann, method, path, options.body, options)
    const label = `${method} ${path} with ${JSON.stringify(what)?.slice(0, 200)}`
    expect(String(answer.status), `${label}: ${JSON.stringify(answer.body)?.slice(0, 300)}`).toMatch(
      expected instanceof RegExp ? expected : new RegExp(`^${expected}$`)
    )
    expectError(answer, answer.status)
    expect(JSON.stringify(answer.body).length, label).toBeLessThan(20_000)
    expect(performance.now() - started, label).toBeLessThan(5_000)
  })
  expect(await readEverything(team)).toEqual(before)
}

async function forEachConcurrently<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < items.length) await work(items[next++]!)
  }
  await Promise.all(Array.from({ length: 6 }, worker))
}

const json = { 'content-type': 'application/json' }

const invalidJson = (valid: unknown) => [
  'null',
  '[]',
  '"text"',
  '1',
  'true',
  '["a"]',
  '[{}]',
  '',
  ' ',
  '{',
  '}',
  '{"a":1,}',
  '{a:1}',
  'NaN',
  'Infinity',
  '{"a":1e',
  '\u0000',
  '{}{}',
  '<xml/>',
  'a=b&c=d',
  '\ufeff\ufeff{}',
  JSON.stringify(valid).slice(0, -1),
  `${JSON.stringify(valid)}x`,
  '['.repeat(10_000),
  `${'['.repeat(10_000)}${']'.repeat(10_000)}`,
  `${'{"a":'.repeat(5_000)}1${'}'.repeat(5_000)}`
]
const invalidUtf8 = (valid: unknown) => [
  Buffer.from([0x22, 0xc0, 0xaf, 0x22]),
  Buffer.from([0xff, 0xfe]),
  Buffer.from(JSON.stringify(valid), 'utf16le'),
  Buffer.from('{"subject":"\xFF"}', 'latin1')
]
const otherTypes = [
  'text/plain',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'text/json',
  'application/xml',
  'application/jsonp',
  'application/json; charset=utf-16',
  'application/json, text/plain',
  'application/json;x',
  'text/plain; application/json'
]
const withMembers = (valid: unknown, inner: string) => `${JSON.stringify(valid).slice(0, -1)},${inner}}`
const prototypes = ['"__proto__":{"polluted":1}', '"constructor":{"prototype":{"polluted":1}}', '"a":{"__proto__":{"polluted":1}}']
const manyKeys = () => JSON.stringify(Object.fromEntries(Array.from({ length: 60_000 }, (_, number) => [`k${number}`, 1])))

// tests/architecture.test.ts makes sure that every route reads its body through `parseBody`, so one route gets every attack.
describe('a request body', () => {
  const route = 'POST /teams/[teamId]/tickets'
  const right = routes.find(right => right.route === route)!
  const { valid } = bodies[route]!

  test('a body that is not a JSON object is refused', () =>
    attack(
      right,
      invalidJson(valid).map(raw => ({ what: raw.slice(0, 100), options: { raw, headers: json } }))
    ))

  test('a body that is not in UTF-8 is refused', () =>
    attack(
      right,
      invalidUtf8(valid).map(bytes => ({
        what: bytes.toString('hex').slice(0, 40),
        options: { raw: new Uint8Array(bytes), headers: json }
      }))
    ))

  test('a body whose content type is not JSON answers 415, so that forms of other sites cannot send one', () =>
    attack(
      right,
      otherTypes.map(type => ({
        what: type,
        expected: 415,
        options: { raw: JSON.stringify(valid), headers: { 'content-type': type } }
      }))
    ))

  test('a body of more than a megabyte answers 413', () =>
    attack(right, [
      { what: '1 MB', expected: 413, options: { raw: JSON.stringify({ ...valid, padding: 'x'.repeat(1_000_000) }), headers: json } },
      { what: '3 MB of spaces', expected: 413, options: { raw: `${' '.repeat(3_000_000)}${JSON.stringify(valid)}`, headers: json } }
    ]))

  test('a body that tries to pollute a prototype is refused', async () => {
    await attack(
      right,
      prototypes.map(inner => ({ what: inner, options: { raw: withMembers(valid, inner), headers: json } }))
    )
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('a body with 60,000 keys is refused with a short answer', () =>
    attack(right, [{ what: 'keys', expected: /^(400|413)$/, options: { raw: manyKeys(), headers: json } }]))
})

// One attack of each kind and one for each field. tests/unit/server/bodies.test.ts tries the others on the same schemas.
describe.each(cases)('%s', (route, right) => {
  const { valid, fields } = bodies[route]!

  test('the route refuses bad bodies, names the field and writes nothing', async () => {
    await attack(right, [
      { what: 'null', options: { raw: 'null', headers: json } },
      { what: 'half a body', options: { raw: JSON.stringify(valid).slice(0, -1), headers: json } },
      { what: 'bytes', options: { raw: new Uint8Array([0x22, 0xc0, 0xaf, 0x22]), headers: json } },
      { what: 'text/plain', expected: 415, options: { raw: JSON.stringify(valid), headers: { 'content-type': 'text/plain' } } },
      { what: '1 MB', expected: 413, options: { raw: JSON.stringify({ ...valid, padding: 'x'.repeat(1_000_000) }), headers: json } },
      { what: 'a prototype', options: { raw: withMembers(valid, prototypes[0]!), headers: json } }
    ])
    const team = await shared!
    const { method, path } = buildRequest(right, team)
    const before = await readEverything(team)
    const unknown = expectError(await api(ann, method, path, { ...valid, created_at: 'x', nonsense: 1 }), 400, 'invalid')
    expect(unknown.data.issues).toEqual(
      expect.arrayContaining([
        { path: 'created_at', message: 'Unknown field' },
        { path: 'nonsense', message: 'Unknown field' }
      ])
    )
    for (const [field, values] of Object.entries(fields)) {
      const error = expectError(await api(ann, method, path, { ...valid, [field]: values[0] }), 400, 'invalid')
      expect(
        error.data.issues!.every(({ path }) => path === field || path.startsWith(`${field}.`)),
        JSON.stringify(error.data)
      ).toBe(true)
    }
    expect(await readEverything(team)).toEqual(before)
  })
})

describe('ids in paths', () => {
  const ids = [
    'x',
    '0',
    'null',
    'undefined',
    '[object Object]',
    '{}',
    `{${unknownId}}`,
    unknownId.replaceAll('-', ''),
    `urn:uuid:${unknownId}`,
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    unknownId,
    unknownId.toUpperCase(),
    `${unknownId}%00`,
    `${unknownId}%20`,
    `%20${unknownId}`,
    `${unknownId}'`,
    '%27%20or%201%3D1--',
    '1%3Bselect%20pg_sleep(5)',
    '%00',
    'x'.repeat(2_000),
    '%F0%9F%98%80',
    '%ED%A0%80',
    '%C0%AF',
    '__proto__',
    'constructor'
  ]
  const parameters = routes
    .flatMap(right => [...right.route.matchAll(/\[(\w+)\]/g)].map(match => [right.route, match[1]!, right] as const))
    .filter(([, name]) => name !== 'token')

  test.each(parameters)('%s answers 404 to a malformed or unknown %s and to one of another team', async (route, name, right) => {
    const team = await (shared ??= newTeam())
    const before = await readEverything(team)
    await forEachConcurrently(ids, async id => {
      const { method, path } = buildRequest(right, team, { [name]: id })
      expectError(await api(ann, method, path, right.body?.(team)), 404, 'not_found')
    })
    const foreign: Record<string, string> = {
      teamId: initech.id,
      ticketId: initech.tickets.dans,
      replyId: initech.replies.dans,
      responseId: initech.cannedResponse,
      articleId: initech.articles.printer,
      revisionId: initech.articleRevision,
      locale: 'fr',
      calendarId: initech.calendar,
      invitationId: initech.invitation,
      contactId: initech.contacts.mona,
      mergeId: initech.merge,
      organizationId: initech.organization,
      projectId: initech.project,
      operationId: initech.operation,
      viewId: initech.view,
      webhookId: initech.webhook,
      deliveryId: initech.delivery,
      categoryId: initech.category,
      typeId: initech.type,
      itemId: initech.item,
      userId: 'cccccccc-0000-4000-8000-000000000006'
    }
    const answers = await Promise.all(
      [foreign[name]!, unknownId].map(id => {
        const { method, path } = buildRequest(right, team, { [name]: id })
        return api(ann, method, path, right.body?.(team))
      })
    )
    expect(answers[0]!.status, route).toBe(404)
    expect(answers[0]!.body).toEqual(answers[1]!.body)
    expect(await readEverything(team)).toEqual(before)
  })
})

describe('query strings', () => {
  const filters = [
    'status=OPEN',
    'status=',
    'status=open%20',
    'status=nothing',
    'status[]=open',
    'status[$ne]=open',
    'status=open,closed',
    'status=open%00',
    'priority=HIGH',
    'priority=5',
    'severity=0',
    'severity=6',
    'severity=-1',
    'severity=1.5',
    'severity=%201',
    'severity=0x1',
    'severity=１',
    'severity=1e0',
    'category=A',
    'category=%27%20or%201%3D1--',
    `category=${'x'.repeat(51)}`,
    'assigned_to=x',
    'assigned_to=ME',
    'assigned_to=null',
    `assigned_to={${unknownId}}`,
    'created_by=none',
    'created_by=x',
    'tag=',
    `tag=${'x'.repeat(51)}`,
    'tag=a%00',
    'tag=a,b',
    'created_from=x',
    'created_from=now',
    'created_from=infinity',
    'created_from=yesterday',
    'created_from=2026-02-30',
    'created_from=2026-1-1',
    'created_from=2026-01-01T00:00',
    'created_from=0044-03-15%20BC',
    'created_from=294277-01-01',
    'created_from=0000-06-01',
    'created_from=2026-01-01T00:00:00%2B16:00',
    'created_from=1700000000000',
    'created_to=%27',
    'resolved_from=x',
    'resolved_to=now',
    'created_from=2020-01-01&created_from=2021-01-01',
    'q=a&q=b',
    `q=${'x'.repeat(201)}`,
    'q=%00',
    'q=a%00b',
    'q[]=x',
    'q[a]=x',
    'unknown=1',
    'team_id=x',
    '__proto__[x]=1',
    'constructor[prototype][x]=1',
    'toString=1',
    'select=*',
    'or=(id.eq.1)',
    `${Array.from({ length: 51 }, () => 'status=open').join('&')}`,
    `${Array.from({ length: 10_000 }, (_, number) => `x${number}=`)
      .join('&')
      .slice(0, 8_000)}`
  ]
  const lists = [
    'sort=constructor',
    'sort=__proto__',
    'sort=description',
    'sort=id',
    'sort=created_at%20desc',
    'sort=created_at;--',
    'sort=CREATED_AT',
    'sort=',
    'sort=subject&sort=status',
    'sort[]=subject',
    'order=DESC',
    'order=desc%22',
    'order=',
    'order=random()',
    'page=0',
    'page=-1',
    'page=1.5',
    'page=abc',
    'page=1e9',
    'page=',
    'page=%201',
    'page=0x1',
    'page=1_0',
    'page=100001',
    'page=9999999999',
    'page=1&page=2',
    'page_size=0',
    'page_size=101',
    'page_size=100000',
    'page_size=-1',
    'page_size=x',
    'page_size=5',
    'page=1&cursor=x',
    'limit=1',
    'offset=9e18',
    'pageSize=10',
    'cursor=a&cursor=b'
  ]
  const harmlessQueries = [
    '__proto__=1',
    'constructor=1',
    'q=%25',
    'q=_',
    'q=%5C',
    'q=foo%5C',
    'q=%27%20or%201%3D1--',
    'q=%3Bselect%20pg_sleep(5)',
    'q=$1',
    'q=foo%20%26',
    'q=!',
    'q=(a',
    'q=%22unclosed',
    'q=%23-1',
    'q=%2399999999999999999999',
    'q=a,b.eq.1',
    'q=not.is.null',
    `q=${'('.repeat(200)}`,
    'q=%F0%9F%98%80',
    'q=%E2%80%AE',
    'q=%ED%A0%80',
    'q=%FF',
    'q=%',
    'q=%C4%B0',
    'status=open&status=open',
    'page=100000&page_size=100'
  ]

  test.each([
    ['tickets?status=opne', 'status', 'Not a ticket status'],
    ['tickets?status=open&status=opne', 'status', 'Not a ticket status'],
    ['tickets?severity=9', 'severity', 'Severity is 1 to 5'],
    ['tickets/counts?priority=x', 'priority', 'Not a ticket priority'],
    ['tickets?tag=a,b', 'tag', 'A tag cannot contain a comma'],
    ['tickets?assigned_to=x', 'assigned_to', 'Not a member id, "me" or "none"'],
    ['tickets?created_by=none', 'created_by', 'Not a member id or "me"'],
    ['tickets?type_id=x', 'type_id', 'Not a valid id'],
    ['audit?type=x', 'type', 'Not a type of event'],
    ['audit?actor=x', 'actor', 'Not a member id, "me" or "none"'],
    ['tickets?created_from=0000-06-01', 'created_from', 'Years are 0001 to 9999, offsets at most 15:59, seconds have at most 9 decimals'],
    ['audit?from=0000-06-01', 'from', 'Years are 0001 to 9999, offsets at most 15:59, seconds have at most 9 decimals']
  ])('%s answers 400 with an issue at %s', async (query, path, message) => {
    const error = expectError(await api(ann, 'GET', `/teams/${acme.id}/${query}`), 400, 'invalid')
    expect(error).toMatchObject({ message, data: { issues: [{ path, message }] } })
  })

  test.each([
    ['tickets', [...filters, ...lists]],
    ['tickets/counts', [...filters, 'status=open', 'page=1', 'sort=subject']]
  ] as const)('%s refuses every malformed or unknown parameter', async (path, queries) => {
    const team = await (shared ??= newTeam())
    await forEachConcurrently(queries, async query => {
      const answer = await api(bob, 'GET', `/teams/${team.id}/${path}?${query}`)
      expect(answer.status, `${query.slice(0, 200)}: ${JSON.stringify(answer.body).slice(0, 200)}`).toBe(400)
      expectError(answer, 400)
    })
  })

  const described: Record<string, Operation> = Object.assign({}, ...nouns.map(({ routes }) => routes))
  const succeeding = Object.values(rights)
    .flat()
    .filter(({ by }) => by.length > 0)
  const withoutQuery = succeeding.filter(
    ({ route }, index) =>
      succeeding.findIndex(other => other.route === route) === index && !described[route]!.query && !described[route]!.isPublic
  )

  test('more than 50 routes take no query', () => {
    expect(withoutQuery.length).toBeGreaterThan(50)
  })

  test.each(withoutQuery.map(right => [right.route, right] as const))(
    '%s refuses a query string, because it takes none',
    async (_, right) => {
      const team = await newTeam()
      const before = await readTeamRows(team.id)
      const { method, path } = buildRequest(right, team)
      const error = expectError(
        await api(callers[right.by[0]!] as typeof ann, method, `${path}?dry_run=true`, right.body?.(team)),
        400,
        'invalid'
      )
      expect(error.data.issues).toEqual([{ path: 'dry_run', message: 'Unknown field' }])
      expect(await readTeamRows(team.id)).toBe(before)
    }
  )

  test('a search for unusual characters answers 200 within a second', async () => {
    const team = await (shared ??= newTeam())
    for (const query of harmlessQueries) {
      const started = performance.now()
      const answer = await api(bob, 'GET', `/teams/${team.id}/tickets?${query}`)
      expect(answer.status, `${query}: ${JSON.stringify(answer.body).slice(0, 200)}`).toBe(200)
      expect(performance.now() - started, query).toBeLessThan(1_000)
    }
  })
})

describe("a profile's last team", () => {
  test("a profile's last team cannot be a team of others, and the answer is the same as for an unknown team", async () => {
    const [foreign, missing] = [
      await api(vera, 'PATCH', '/profile', { last_team_id: initech.id }),
      await api(vera, 'PATCH', '/profile', { last_team_id: unknownId })
    ]
    expectError(foreign, 403, 'forbidden')
    expect(foreign.body).toEqual(missing.body)
  })
})

test('a request that its client aborts in the middle of the body writes nothing', async () => {
  const team = await newTeam()
  const before = await readEverything(team)
  const abort = new AbortController()
  const stream = new ReadableStream({ start: controller => controller.enqueue(new TextEncoder().encode('{"subject":"x","descr')) })
  const request = fetch(`${product().baseUrl}/api/teams/${team.id}/tickets`, {
    method: 'POST',
    body: stream,
    duplex: 'half',
    signal: abort.signal,
    headers: { ...json, authorization: `Bearer ${await signIn(ann)}` }
  } as RequestInit)
  setTimeout(() => abort.abort(), 100)
  await expect(request).rejects.toThrow()
  expect((await api(ann, 'GET', `/teams/${team.id}`)).status).toBe(200)
  expect(await readEverything(team)).toEqual(before)
})
