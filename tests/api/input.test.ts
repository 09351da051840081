import { describe, expect, test } from 'vitest'
import type { Operation } from '#server/openapi/describe'
import { nouns } from '#server/openapi/document'
import { api, contentsOf, database, expectError, newTeam, signIn, type CallOptions } from '../support/api.ts'
import { callers } from '../support/matrix.ts'
import { product } from '../support/own-product.ts'
import { requestOf, rights, routes, type RouteRight } from '../support/routes.ts'
import { acme, ann, bob, initech, nothing, vera, type TeamWorld } from '../support/world.ts'

const uuid = '11111111-1111-4111-8111-111111111111'
const wrongTypes: unknown[] = [5, true, [], {}, ['x'], { toString: 1 }, { $ne: null }]
const unstorable = ['a\u0000b', '\u0000', 'a\ud800', '\udc00a']

/** Values that a field of each kind refuses. */
const bad = {
  line: (max: number) => [
    '',
    ' ',
    '\u200b',
    '\u2060\ufeff',
    '\u202e\u2066',
    'x'.repeat(max + 1),
    'x'.repeat(10_000),
    'a\nb',
    'a\rb',
    'a\r\nBcc: x@evil.test',
    'a\u2028b',
    'a\u2029b',
    'a\tb',
    'a\u001b[31mb',
    ...unstorable,
    ...wrongTypes
  ],
  prose: (max: number) => ['', ' \n\t ', '\u200b\ufeff', 'x'.repeat(max + 1), ...unstorable, ...wrongTypes],
  word: (values: string[]) => [
    '',
    'x',
    ...values.flatMap(value => [value.toUpperCase(), `${value} `, ` ${value}`, [value]]),
    'constructor',
    '__proto__',
    'toString',
    ...unstorable,
    ...wrongTypes
  ],
  whole: (min: number, max: number) => [
    min - 1,
    max + 1,
    1.5,
    -1,
    2_147_483_648,
    9e18,
    -9e18,
    '3',
    ' 3 ',
    '0x3',
    '1_0',
    '',
    ...wrongTypes.slice(1)
  ],
  yes: ['yes', 'on', 'true', 1, 0, '', [], {}, [true]],
  id: [
    '',
    'x',
    '0',
    `{${uuid}}`,
    uuid.replaceAll('-', ''),
    `urn:uuid:${uuid}`,
    `${uuid} `,
    `${uuid}\u0000`,
    'x'.repeat(1_000),
    "' or 1=1--",
    ...wrongTypes
  ],
  moment: [
    '',
    'x',
    'now',
    'now()',
    'tomorrow',
    'infinity',
    '-infinity',
    '2030-01-01',
    '2030-01-01T09:00:00',
    '2030-02-30T09:00:00Z',
    '2030-01-01T24:00:00Z',
    '2030-01-01 09:00:00Z',
    '2030-01-01T09:00:00+25:00',
    '2030-01-01T09:00:00+23:59',
    '2030-01-01T09:00:00-16:00',
    '0000-01-01T00:00:00Z',
    `2030-01-01T09:00:00.${'1'.repeat(200)}Z`,
    '+012030-01-01T09:00:00Z',
    '1893456000',
    ...unstorable,
    ...wrongTypes
  ],
  email: [
    '',
    'x',
    '@',
    'a@',
    '@b.test',
    'a b@c.test',
    'a@b',
    'a@b.test,c@d.test',
    'a@b.test\r\nBcc: x@evil.test',
    '<a@b.test>',
    'A <a@b.test>',
    'a@b.test(comment)',
    `${'a'.repeat(310)}@long.test`,
    'a@'.repeat(5_000),
    'a\u200b@b.test',
    'аdmin@b.test',
    ...unstorable,
    ...wrongTypes
  ],
  tags: [
    'x',
    5,
    true,
    {},
    { length: 1, 0: 'x' },
    [5],
    [null],
    [['a']],
    [''],
    [' '],
    ['\u200b'],
    ['a,b'],
    ['a\nb'],
    ['x'.repeat(51)],
    ['a\u0000'],
    ['\ud800'],
    Array.from({ length: 21 }, (_, number) => `t${number}`),
    Array.from({ length: 1_000 }, () => 'same')
  ]
}
const nothingInstead = [null]

const text = (values: unknown[]) => [...values, ...nothingInstead]
const ticketFields = {
  subject: text(bad.line(255)),
  description: text(bad.prose(50_000)),
  format: text(bad.word(['text', 'markdown'])),
  status: text(bad.word(['open', 'closed'])),
  priority: text(bad.word(['high'])),
  severity: [...bad.whole(1, 5), null],
  category: text(['', 'A', 'a b', 'a-b', '1a', 'é', 'x'.repeat(51), '__proto__', ...unstorable, ...wrongTypes]),
  assigned_to: bad.id,
  requester_name: bad.line(200),
  requester_email: bad.email,
  tags: [...bad.tags, null]
}

const badFilters = [
  { colour: 'red' },
  { status: 'lost' },
  { severity: 1 },
  { q: {} },
  { q: 'x'.repeat(501) },
  { status: Array.from({ length: 51 }, () => 'open') },
  { page: '1' },
  { sort: 'secret' },
  [],
  'x',
  5,
  null
]

const badWebhookEvents = [
  'ticket.created',
  5,
  true,
  {},
  [],
  [5],
  [null],
  [['ticket.created']],
  ['ticket.exploded'],
  ['team.created'],
  ['TICKET.CREATED'],
  ['__proto__'],
  Array.from({ length: 51 }, () => 'ticket.created'),
  null
]

/** What each route with a body takes: a body that would succeed, and for each field the values that must not. */
const bodies: Record<string, { valid: Record<string, unknown>; fields: Record<string, unknown[]> }> = {
  'PATCH /profile': { valid: { full_name: ann.name }, fields: { full_name: text(bad.line(100)), last_team_id: bad.id } },
  'POST /teams': {
    valid: { name: 'Never made' },
    fields: {
      name: text(bad.line(100)),
      slug: text(['', 'A', 'a b', '-a', 'a-', 'ä', 'a'.repeat(49), '../x', ...unstorable, ...wrongTypes])
    }
  },
  'PATCH /teams/[teamId]': {
    valid: { name: 'Other' },
    fields: {
      name: text(bad.line(100)),
      slug: text(['', 'A', '-a', ...wrongTypes]),
      time_zone: text(['', 'x', 'Foo/Bar', '../etc/passwd', 'utc', '+01:00', 'EST5EDT; drop', 'x'.repeat(100), ...wrongTypes]),
      auto_close_days: [...bad.whole(1, 365), null]
    }
  },
  'PATCH /teams/[teamId]/members/[userId]': { valid: { role: 'member' }, fields: { role: text(bad.word(['owner', 'member'])) } },
  'POST /teams/[teamId]/invitations': {
    valid: { email: 'never@mailed.test', role: 'member' },
    fields: { email: text(bad.email), role: text(bad.word(['admin'])) }
  },
  'POST /teams/[teamId]/tickets': { valid: { subject: 'Never made', description: 'Never made' }, fields: ticketFields },
  'PATCH /teams/[teamId]/tickets/[ticketId]': {
    valid: { subject: 'Other' },
    fields: { ...ticketFields, snoozed_until: bad.moment, version: [0, -1, 1.5, '1', null, ...wrongTypes.slice(1)] }
  },
  'POST /teams/[teamId]/tickets/bulk': {
    valid: { filter: { status: 'closed' }, action: 'set_severity', value: 5 },
    fields: {
      ids: [[], [uuid, uuid], ['x'], [null], ...bad.id.slice(0, 9), ...wrongTypes],
      filter: [{ colour: 'red' }, { status: 'lost' }, { severity: 1 }, { q: {} }, { page: '1' }, [], 'x', 5, null],
      action: text(bad.word(['close', 'delete'])),
      value: [...bad.whole(1, 5), null]
    }
  },
  'POST /teams/[teamId]/tickets/[ticketId]/replies': {
    valid: { content: 'Never written' },
    fields: {
      content: text(bad.prose(50_000)),
      format: text(bad.word(['text', 'markdown'])),
      is_internal: [...bad.yes, null],
      base_reply_id: bad.id,
      draft_version: bad.id
    }
  },
  'PUT /teams/[teamId]/tickets/[ticketId]/draft': {
    valid: { content: 'Never written' },
    fields: { content: ['x'.repeat(50_001), ...unstorable, ...wrongTypes, null], is_internal: [...bad.yes, null], version: bad.id }
  },
  'POST /teams/[teamId]/notifications/read': {
    valid: { ticket_id: uuid },
    fields: {
      ticket_id: text(bad.id),
      ids: [[], ['x'], [null], [[uuid]], Array.from({ length: 101 }, () => uuid), 'x', uuid, 5, true, {}, null]
    }
  },
  'PUT /teams/[teamId]/notification-preferences': {
    valid: { preferences: [{ kind: 'assigned', in_app: true, mail: true }] },
    fields: {
      preferences: [
        [],
        {},
        'x',
        5,
        null,
        [null],
        [{}],
        ['assigned'],
        [{ kind: 'assigned', in_app: true }],
        [{ kind: 'lost', in_app: true, mail: true }],
        [{ kind: 'assigned', in_app: 'yes', mail: true }],
        [{ kind: 'assigned', in_app: true, mail: 1 }],
        [{ kind: 'assigned', in_app: true, mail: true, user_id: uuid }],
        Array.from({ length: 2 }, () => ({ kind: 'assigned', in_app: true, mail: true })),
        Array.from({ length: 7 }, () => ({ kind: 'assigned', in_app: true, mail: true }))
      ]
    }
  },
  'PUT /teams/[teamId]/reply-address': { valid: { email: 'never@mailed.test' }, fields: { email: text(bad.email) } },
  'POST /ratings/[token]': { valid: { score: 5 }, fields: { score: [...bad.whole(1, 5), null], comment: bad.prose(1_000) } },
  'POST /teams/[teamId]/canned-responses': {
    valid: { title: 'Never made', content: 'Never made' },
    fields: { title: text(bad.line(100)), content: text(bad.prose(20_000)), category: bad.line(50) }
  },
  'PATCH /teams/[teamId]/canned-responses/[responseId]': {
    valid: { title: 'Other' },
    fields: { title: text(bad.line(100)), content: text(bad.prose(20_000)), category: bad.line(50) }
  },
  'POST /teams/[teamId]/saved-views': {
    valid: { name: 'Never made', filters: {} },
    fields: { name: text(bad.line(100)), filters: badFilters, is_shared: [...bad.yes, null], position: [...bad.whole(0, 10_000), null] }
  },
  'PATCH /teams/[teamId]/saved-views/[viewId]': {
    valid: { name: 'Other' },
    fields: { name: text(bad.line(100)), filters: badFilters, is_shared: [...bad.yes, null], position: [...bad.whole(0, 10_000), null] }
  },
  'POST /teams/[teamId]/api-keys': {
    valid: { name: 'Never made', scopes: ['read'] },
    fields: {
      name: text(bad.line(100)),
      scopes: ['read', [], ['READ'], ['admin'], ['read', 'read'], [5], [null], [['read']], ...wrongTypes, null],
      user_id: [...bad.id, null],
      role: text(bad.word(['viewer'])).concat('admin', 'owner'),
      expires_at: [
        '',
        'x',
        'now',
        'infinity',
        '2030-02-30T00:00:00Z',
        '2030-01-01',
        '2030-01-01T00:00:00',
        '2001-01-01T00:00:00Z',
        1893456000,
        ...unstorable,
        ...wrongTypes
      ]
    }
  },
  'POST /teams/[teamId]/webhooks': {
    valid: { name: 'Never made', url: 'https://hooks.elsewhere.test/', events: ['ticket.created'] },
    fields: {
      name: text(bad.line(100)),
      url: ['', ' ', `https://x.test/${'x'.repeat(2_000)}`, '\ud800', ...wrongTypes, null],
      events: badWebhookEvents,
      secret: [
        '',
        'x',
        'x'.repeat(15),
        'x'.repeat(257),
        'with spaces in the text',
        `whsec_${'x'.repeat(20)}`,
        'whsec_not-base-64-at-all-but-long-enough',
        ...unstorable,
        ...wrongTypes,
        null
      ]
    }
  },
  'PATCH /teams/[teamId]/webhooks/[webhookId]': {
    valid: { name: 'Other' },
    fields: {
      name: text(bad.line(100)),
      url: ['', ' ', `https://x.test/${'x'.repeat(2_000)}`, ...wrongTypes, null],
      events: badWebhookEvents,
      is_active: [...bad.yes, null]
    }
  },
  'POST /teams/[teamId]/cti/categories': {
    valid: { name: 'Never made' },
    fields: { name: text(bad.line(100)), portal_name: bad.line(100) }
  },
  'POST /teams/[teamId]/cti/types': {
    valid: { name: 'Never made', category_id: uuid },
    fields: { name: text(bad.line(100)), category_id: text(bad.id) }
  },
  'POST /teams/[teamId]/cti/items': {
    valid: { name: 'Never made', type_id: uuid },
    fields: { name: text(bad.line(100)), type_id: text(bad.id) }
  },
  ...Object.fromEntries(
    ['PATCH', 'PUT'].flatMap(method => [
      [
        `${method} /teams/[teamId]/cti/categories/[categoryId]`,
        {
          valid: { name: 'Other' },
          fields: { name: text(bad.line(100)), portal_name: bad.line(100), position: [...bad.whole(1, 10_000), null] }
        }
      ],
      [
        `${method} /teams/[teamId]/cti/types/[typeId]`,
        { valid: { name: 'Other' }, fields: { name: text(bad.line(100)), position: [...bad.whole(1, 10_000), null] } }
      ],
      [
        `${method} /teams/[teamId]/cti/items/[itemId]`,
        { valid: { name: 'Other' }, fields: { name: text(bad.line(100)), position: [...bad.whole(1, 10_000), null] } }
      ]
    ])
  )
}

const cases = Object.keys(bodies).map(route => [route, routes.find(right => right.route === route)!] as const)

test('every route with a JSON body is attacked here', () => {
  const withBody = routes.filter(({ body }) => body).map(({ route }) => route)
  expect(new Set(Object.keys(bodies))).toEqual(new Set(withBody))
})

let shared: Promise<TeamWorld> | undefined

/** Everything that a request to a team could have written. */
async function everything(team: TeamWorld) {
  const [totals] = await database()`
    select (select count(*) from public.teams)::int as teams, (select count(*) from public.team_members)::int as members, (select count(*) from public.tickets)::int as tickets,
      (select count(*) from public.ticket_replies)::int as replies, (select count(*) from public.team_invitations)::int as invitations, (select md5(string_agg(p::text, '' order by id)) from public.profiles p) as profiles`
  return { totals, team: await contentsOf(team.id) }
}

/** Sends requests that must all be refused with 4xx in the documented shape, and writes nothing. */
async function attack(
  right: RouteRight,
  attacks: { what: unknown; expected?: number | RegExp; options: CallOptions & { body?: unknown } }[]
) {
  const team = await (shared ??= newTeam())
  const { method, path } = requestOf(right, team)
  const before = await everything(team)
  await severalAtOnce(attacks, async ({ what, expected = 400, options }) => {
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
  expect(await everything(team)).toEqual(before)
}

async function severalAtOnce<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  let next = 0
  const worker = async () => {
    while (next < items.length) await work(items[next++]!)
  }
  await Promise.all(Array.from({ length: 6 }, worker))
}

const json = { 'content-type': 'application/json' }

describe.each(cases)('%s', (route, right) => {
  const { valid, fields } = bodies[route]!

  test('refuses bodies that are no JSON object', () =>
    attack(
      right,
      [
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
      ].map(raw => ({ what: raw.slice(0, 100), options: { raw, headers: json } }))
    ))

  test('refuses bytes that are no UTF-8', () =>
    attack(
      right,
      [
        Buffer.from([0x22, 0xc0, 0xaf, 0x22]),
        Buffer.from([0xff, 0xfe]),
        Buffer.from(JSON.stringify(valid), 'utf16le'),
        Buffer.from('{"subject":"\xFF"}', 'latin1')
      ].map(bytes => ({ what: bytes.toString('hex').slice(0, 40), options: { raw: new Uint8Array(bytes), headers: json } }))
    ))

  test('refuses other content types, so that no form of another site can send it', () =>
    attack(
      right,
      [
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
      ].map(type => ({
        what: type,
        expected: 415,
        options: { raw: JSON.stringify(valid), headers: { 'content-type': type } }
      }))
    ))

  test('refuses more than a megabyte', () =>
    attack(right, [
      { what: '1 MB', expected: 413, options: { raw: JSON.stringify({ ...valid, padding: 'x'.repeat(1_000_000) }), headers: json } },
      { what: '3 MB of spaces', expected: 413, options: { raw: `${' '.repeat(3_000_000)}${JSON.stringify(valid)}`, headers: json } }
    ]))

  test('refuses unknown fields, and names them', async () => {
    const forged = [
      'id',
      'team_id',
      'ticket_id',
      'ticket_number',
      'created_by',
      'user_id',
      'author',
      'created_at',
      'updated_at',
      'resolved_at',
      'closed_at',
      'first_response_at',
      'last_activity_at',
      'sla_due_at',
      'is_internal',
      'role',
      'password',
      'email_confirmed_at',
      'app_metadata',
      'raw_app_meta_data',
      'deleted_at',
      'search_vector',
      'version',
      'channel',
      'reply_count',
      'invited_by',
      'token_hash',
      'expires_at',
      'realtime_epoch',
      'email',
      'avatar_url',
      'hasOwnProperty',
      'toString',
      'constructor',
      'prototype',
      '',
      'a.b',
      'subject[]',
      '$where'
    ].filter(field => !(field in fields && Object.hasOwn(fields, field)))
    await attack(
      right,
      forged.map(field => ({ what: field, options: { body: { ...valid, [field]: 'x' } } }))
    )
    const team = await shared!
    const { method, path } = requestOf(right, team)
    const error = expectError(await api(ann, method, path, { ...valid, created_at: 'x', nonsense: 1 }), 400, 'invalid')
    expect(error.data.issues).toEqual(
      expect.arrayContaining([
        { path: 'created_at', message: 'Unknown field' },
        { path: 'nonsense', message: 'Unknown field' }
      ])
    )
  })

  test('a prototype in the body pollutes nothing', async () => {
    const raw = (inner: string) => `${JSON.stringify(valid).slice(0, -1)},${inner}}`
    await attack(
      right,
      ['"__proto__":{"polluted":1}', '"constructor":{"prototype":{"polluted":1}}', '"a":{"__proto__":{"polluted":1}}'].map(inner => ({
        what: inner,
        options: { raw: raw(inner), headers: json }
      }))
    )
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('refuses tens of thousands of keys, in few words', () =>
    attack(right, [
      {
        what: 'keys',
        expected: /^(400|413)$/,
        options: {
          raw: JSON.stringify(Object.fromEntries(Array.from({ length: 60_000 }, (_, number) => [`k${number}`, 1]))),
          headers: json
        }
      }
    ]))

  test.each(Object.keys(fields))('refuses bad values of %s, and says where', async field => {
    await attack(
      right,
      fields[field]!.map(value => ({ what: { [field]: value }, options: { body: { ...valid, [field]: value } } }))
    )
    const { method, path } = requestOf(right, await shared!)
    for (const value of fields[field]!.slice(0, 5)) {
      const error = expectError(await api(ann, method, path, { ...valid, [field]: value }), 400, 'invalid')
      expect(
        error.data.issues!.every(({ path }) => path === field || path.startsWith(`${field}.`)),
        JSON.stringify(error.data)
      ).toBe(true)
    }
  })
})

describe('ids in addresses', () => {
  const ids = [
    'x',
    '0',
    'null',
    'undefined',
    '[object Object]',
    '{}',
    `{${nothing}}`,
    nothing.replaceAll('-', ''),
    `urn:uuid:${nothing}`,
    '00000000-0000-0000-0000-000000000000',
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    nothing,
    nothing.toUpperCase(),
    `${nothing}%00`,
    `${nothing}%20`,
    `%20${nothing}`,
    `${nothing}'`,
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

  test.each(parameters)('%s: a strange %s is not found, like a random one', async (route, name, right) => {
    const team = await (shared ??= newTeam())
    const before = await everything(team)
    await severalAtOnce(ids, async id => {
      const { method, path } = requestOf(right, team, { [name]: id })
      expectError(await api(ann, method, path, right.body?.(team)), 404, 'not_found')
    })
    const foreign: Record<string, string> = {
      teamId: initech.id,
      ticketId: initech.tickets.dans,
      replyId: initech.replies.dans,
      responseId: initech.cannedResponse,
      invitationId: initech.invitation,
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
      [foreign[name]!, nothing].map(id => {
        const { method, path } = requestOf(right, team, { [name]: id })
        return api(ann, method, path, right.body?.(team))
      })
    )
    expect(answers[0]!.status, route).toBe(404)
    expect(answers[0]!.body).toEqual(answers[1]!.body)
    expect(await everything(team)).toEqual(before)
  })
})

describe('queries', () => {
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
    `assigned_to={${nothing}}`,
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
  const surviving = [
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
  ])('%s says what is wrong with %s', async (query, path, message) => {
    const error = expectError(await api(ann, 'GET', `/teams/${acme.id}/${query}`), 400, 'invalid')
    expect(error).toMatchObject({ message, data: { issues: [{ path, message }] } })
  })

  test.each([
    ['tickets', [...filters, ...lists]],
    ['tickets/counts', [...filters, 'status=open', 'page=1', 'sort=subject']]
  ] as const)('%s refuses each that it does not know, and reads nothing for it', async (path, queries) => {
    const team = await (shared ??= newTeam())
    await severalAtOnce(queries, async query => {
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

  test('are read by few routes', () => {
    expect(withoutQuery.length).toBeGreaterThan(50)
  })

  test.each(withoutQuery.map(right => [right.route, right] as const))('%s takes none, and says so', async (_, right) => {
    const team = await newTeam()
    const before = await contentsOf(team.id)
    const { method, path } = requestOf(right, team)
    const error = expectError(
      await api(callers[right.by[0]!] as typeof ann, method, `${path}?dry_run=true`, right.body?.(team)),
      400,
      'invalid'
    )
    expect(error.data.issues).toEqual([{ path: 'dry_run', message: 'Unknown field' }])
    expect(await contentsOf(team.id)).toBe(before)
  })

  test('searches for strange texts are searches', async () => {
    const team = await (shared ??= newTeam())
    for (const query of surviving) {
      const started = performance.now()
      const answer = await api(bob, 'GET', `/teams/${team.id}/tickets?${query}`)
      expect(answer.status, `${query}: ${JSON.stringify(answer.body).slice(0, 200)}`).toBe(200)
      expect(performance.now() - started, query).toBeLessThan(1_000)
    }
  })
})

describe("a profile's last team", () => {
  test("is one of one's own: another answers as none does", async () => {
    const [theirs, nobodys] = [
      await api(vera, 'PATCH', '/profile', { last_team_id: initech.id }),
      await api(vera, 'PATCH', '/profile', { last_team_id: nothing })
    ]
    expectError(theirs, 403, 'forbidden')
    expect(theirs.body).toEqual(nobodys.body)
  })
})

test('a client that goes away in the middle of a body leaves nothing behind', async () => {
  const team = await newTeam()
  const before = await everything(team)
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
  expect(await everything(team)).toEqual(before)
})
