import { ann } from './world.ts'

const uuid = '11111111-1111-4111-8111-111111111111'
const wrongTypes: unknown[] = [5, true, [], {}, ['x'], { toString: 1 }, { $ne: null }]
const unstorable = ['a\u0000b', '\u0000', 'a\ud800', '\udc00a']

/** Invalid values for each kind of field. */
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
  choice: (values: string[]) => [
    '',
    'x',
    ...values.flatMap(value => [value.toUpperCase(), `${value} `, ` ${value}`, [value]]),
    'constructor',
    '__proto__',
    'toString',
    ...unstorable,
    ...wrongTypes
  ],
  integer: (min: number, max: number) => [
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
  boolean: ['yes', 'on', 'true', 1, 0, '', [], {}, [true]],
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

const notNull = (values: unknown[]) => [...values, null]
const articleCategoryFields = {
  name: notNull(bad.line(100)),
  names: notNull(['x', 5, [], { fr: 'x' }, { de: '' }, { de: 5 }, { de: 'a\nb' }, { de: 'x'.repeat(101) }])
}
const articleFields = { category_id: bad.id, audience: notNull(bad.choice(['public', 'clients', 'internal'])) }
const articleTexts = {
  title: notNull(bad.line(200).filter(value => value !== '')), // a draft may have no title
  content: notNull(['x'.repeat(50_001), ...unstorable, ...wrongTypes])
}
const badTimeZones = ['', 'x', 'Foo/Bar', '../etc/passwd', 'utc', '+01:00', 'EST5EDT; drop', 'x'.repeat(100), ...wrongTypes]
const window = { weekday: 1, opens: '09:00', closes: '17:00' }
const calendarFields = {
  name: notNull(bad.line(100)),
  time_zone: notNull(badTimeZones),
  hours: notNull([
    [],
    'x',
    {},
    [null],
    [{ ...window, weekday: 0 }],
    [{ ...window, weekday: 8 }],
    [{ ...window, weekday: '1' }],
    [{ ...window, opens: '24:00' }],
    [{ ...window, opens: '9:00' }],
    [{ ...window, opens: '09:00:00' }],
    [{ ...window, closes: '24:01' }],
    [{ ...window, closes: '09:00' }],
    [{ ...window, closes: '08:00' }],
    [{ ...window, zone: 'UTC' }],
    [window, window],
    [window, { ...window, opens: '16:59', closes: '18:00' }],
    Array.from({ length: 71 }, (_, index) => ({ weekday: 1, opens: `0${index % 9}:00`, closes: '23:00' }))
  ]),
  country: ['', 'de', 'DEU', 'D1', ...wrongTypes],
  region: ['', 'B Y', 'BY-', 'x'.repeat(30), "BY'; --", ...wrongTypes],
  holidays: notNull([
    'x',
    {},
    [null],
    [{ date: '2026-02-30', name: 'x' }],
    [{ date: '26-12-25', name: 'x' }],
    [{ date: '1899-12-31', name: 'x' }],
    [{ date: '2026-12-25T00:00:00Z', name: 'x' }],
    [{ date: '2026-12-25', name: '' }],
    [{ date: '2026-12-25', name: 'a\nb' }],
    [{ date: '2026-12-25', name: 'x', source: 'guess' }],
    [
      { date: '2026-12-25', name: 'x' },
      { date: '2026-12-25', name: 'y' }
    ]
  ])
}
const ticketFields = {
  subject: notNull(bad.line(255)),
  description: notNull(bad.prose(50_000)),
  format: notNull(bad.choice(['text', 'markdown'])),
  status: notNull(bad.choice(['open', 'closed'])),
  priority: notNull(bad.choice(['high'])),
  severity: [...bad.integer(1, 5), null],
  category: notNull(['', 'A', 'a b', 'a-b', '1a', 'é', 'x'.repeat(51), '__proto__', ...unstorable, ...wrongTypes]),
  assigned_to: bad.id,
  contact_id: bad.id,
  project_id: bad.id,
  requester_name: bad.line(200),
  requester_email: bad.email,
  tags: [...bad.tags, null]
}

const contactDetails = {
  name: bad.line(200),
  locale: bad.choice(['en', 'de']),
  time_zone: badTimeZones,
  organization_id: bad.id,
  notes: bad.prose(10_000)
}

const policyDetails = {
  name: notNull(bad.line(100)),
  position: notNull(bad.integer(0, 10_000)),
  is_active: notNull(bad.boolean),
  conditions: [
    'crash',
    'status:open',
    'priority:',
    'priority:x',
    'is:open',
    '"two words"',
    `tag:${'x'.repeat(1_000)}`,
    ...unstorable,
    ...wrongTypes,
    null
  ],
  calendar_id: bad.id,
  pauses: notNull([
    { first_response: ['waiting'] },
    { resolution: ['resolved'] },
    { resolution: 'waiting' },
    { resolution: [1] },
    { x: [] },
    [],
    'x',
    5
  ]),
  warn_percent: notNull(bad.integer(1, 99)),
  reopen_percent: notNull(bad.integer(1, 100)),
  escalations: notNull([
    {},
    'x',
    5,
    [5],
    [{ metric: null, when: 'breach' }],
    [{ metric: null, when: 'breach', action: 'close' }],
    [{ metric: 'x', when: 'breach', action: 'raise_severity' }],
    [{ metric: null, when: 'x', action: 'raise_severity' }],
    [{ when: 'breach', action: 'raise_severity' }],
    [{ metric: null, when: 'breach', action: 'raise_severity', tag: 'x' }],
    [{ metric: null, when: 'breach', action: 'assign', member_id: 'x' }],
    [{ metric: null, when: 'breach', action: 'add_tag', tag: 'a,b' }],
    [{ metric: null, when: 'breach', action: 'notify', members: [], roles: [], followers: false }],
    [{ metric: null, when: 'breach', action: 'notify', members: [], roles: ['x'], followers: false }],
    Array.from({ length: 2 }, () => ({ metric: null, when: 'breach', action: 'raise_severity' })),
    Array.from({ length: 11 }, (_, n) => ({ metric: null, when: 'breach', action: 'add_tag', tag: `t${n}` }))
  ])
}
const policyTargets = {
  target_by: notNull(bad.choice(['priority', 'severity'])),
  targets: notNull([
    {},
    { resolution: {} },
    { x: { low: 60 } },
    { resolution: { x: 60 } },
    { resolution: { 1: 60 } },
    { resolution: { low: 59 } },
    { resolution: { low: 60.5 } },
    { resolution: { low: 31_536_001 } },
    { resolution: { low: '60' } },
    { resolution: [60] },
    [],
    'x',
    5
  ])
}
const projectDetails = { name: notNull(bad.line(200)), organization_id: bad.id }

const organizationDetails = {
  name: notNull(bad.line(200)),
  tier: bad.line(50),
  notes: bad.prose(10_000),
  shares_tickets: [...bad.boolean, null],
  domains: [
    'client.test',
    5,
    {},
    [5],
    [null],
    [''],
    ['x'],
    ['a@client.test'],
    ['client.test,corp.test'],
    ['client test.com'],
    ['x\u0000.test'],
    [`${'x'.repeat(300)}.test`],
    Array.from({ length: 51 }, (_, number) => `d${number}.test`),
    null
  ]
}
const badUploadIds = [[uuid, uuid], ['x'], [null], [[uuid]], Array.from({ length: 11 }, () => uuid), 'x', uuid, 5, true, {}, null]

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

/** For each route with a body: a valid body, and for each field its invalid values. */
export const bodies: Record<string, { valid: Record<string, unknown>; fields: Record<string, unknown[]> }> = {
  'PATCH /profile': { valid: { full_name: ann.name }, fields: { full_name: notNull(bad.line(100)), last_team_id: bad.id } },
  'POST /teams': {
    valid: { name: 'Never made' },
    fields: {
      name: notNull(bad.line(100)),
      slug: notNull(['', 'A', 'a b', '-a', 'a-', 'ä', 'a'.repeat(49), '../x', ...unstorable, ...wrongTypes])
    }
  },
  'PATCH /teams/[teamId]': {
    valid: { name: 'Other' },
    fields: {
      name: notNull(bad.line(100)),
      slug: notNull(['', 'A', '-a', ...wrongTypes]),
      time_zone: notNull(badTimeZones),
      auto_close_days: [...bad.integer(1, 365), null],
      unscanned_files: bad.choice(['block', 'warn']),
      client_mails: [null, 'assigned', ['rating_request'], ['assigned', 'assigned'], [1], {}],
      rating_delay_minutes: bad.integer(30, 1440),
      client_priority: [null, 'true', 1, [], {}],
      portal_shows_due: [null, 'true', 1, [], {}],
      help_locales: [null, 'en', [], ['fr'], ['en', 'en'], ['en', 'de', 'en'], [1], {}],
      portal_color: ['', 'red', '#fff', '#FFFFFF', '#ffffff ', '#gggggg', '#ffffff;}', '#ffffff00', ...wrongTypes]
    }
  },
  'PATCH /teams/[teamId]/members/[userId]': { valid: { role: 'member' }, fields: { role: notNull(bad.choice(['owner', 'member'])) } },
  'POST /teams/[teamId]/invitations': {
    valid: { email: 'never@mailed.test', role: 'member' },
    fields: { email: notNull(bad.email), role: notNull(bad.choice(['admin'])) }
  },
  'POST /teams/[teamId]/tickets': {
    valid: { subject: 'Never made', description: 'Never made' },
    fields: { ...ticketFields, upload_ids: badUploadIds }
  },
  'PATCH /teams/[teamId]/tickets/[ticketId]': {
    valid: { subject: 'Other' },
    fields: { ...ticketFields, snoozed_until: bad.moment, version: [0, -1, 1.5, '1', null, ...wrongTypes.slice(1)] }
  },
  'POST /teams/[teamId]/tickets/bulk': {
    valid: { filter: { status: 'closed' }, action: 'set_severity', value: 5 },
    fields: {
      ids: [[], [uuid, uuid], ['x'], [null], ...bad.id.slice(0, 9), ...wrongTypes],
      filter: [{ colour: 'red' }, { status: 'lost' }, { severity: 1 }, { q: {} }, { page: '1' }, [], 'x', 5, null],
      action: notNull(bad.choice(['close', 'delete'])),
      value: [...bad.integer(1, 5), null]
    }
  },
  'POST /teams/[teamId]/tickets/[ticketId]/replies': {
    valid: { content: 'Never written' },
    fields: {
      content: notNull(bad.prose(50_000)),
      format: notNull(bad.choice(['text', 'markdown'])),
      is_internal: [...bad.boolean, null],
      base_reply_id: bad.id,
      upload_ids: badUploadIds,
      article_ids: [...badUploadIds, Array.from({ length: 21 }, () => crypto.randomUUID())],
      draft_version: bad.id
    }
  },
  'PUT /teams/[teamId]/tickets/[ticketId]/draft': {
    valid: { content: 'Never written' },
    fields: { content: ['x'.repeat(50_001), ...unstorable, ...wrongTypes, null], is_internal: [...bad.boolean, null], version: bad.id }
  },
  'POST /teams/[teamId]/notifications/read': {
    valid: { ticket_id: uuid },
    fields: {
      ticket_id: notNull(bad.id),
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
  'PUT /teams/[teamId]/reply-address': { valid: { email: 'never@mailed.test' }, fields: { email: notNull(bad.email) } },
  'POST /ratings/[token]': { valid: { score: 5 }, fields: { score: [...bad.integer(1, 5), null], comment: bad.prose(1_000) } },
  'POST /teams/[teamId]/contacts': { valid: { email: 'never@made.test' }, fields: { email: notNull(bad.email), ...contactDetails } },
  'PATCH /teams/[teamId]/contacts/[contactId]': {
    valid: { name: 'Other' },
    fields: { ...contactDetails, is_blocked: [...bad.boolean, null] }
  },
  'POST /teams/[teamId]/contacts/[contactId]/addresses': {
    valid: { address: 'never@made.test' },
    fields: { address: notNull(bad.email) }
  },
  'PATCH /teams/[teamId]/contacts/[contactId]/addresses': {
    valid: { address: 'carl@client.test', is_primary: true },
    fields: { address: notNull(bad.email), is_primary: [...bad.boolean, false, null] }
  },
  'POST /teams/[teamId]/contacts/merges': {
    valid: { contact_id: uuid, duplicate_id: uuid },
    fields: { contact_id: notNull(bad.id), duplicate_id: notNull(bad.id) }
  },
  'POST /teams/[teamId]/organizations': { valid: { name: 'Never made' }, fields: organizationDetails },
  'PATCH /teams/[teamId]/organizations/[organizationId]': { valid: { tier: 'Gold' }, fields: organizationDetails },
  'POST /teams/[teamId]/tickets/[ticketId]/participants': {
    valid: { email: 'never@made.test' },
    fields: { contact_id: notNull(bad.id), email: notNull(bad.email), name: bad.line(200), can_read_history: notNull(bad.boolean) }
  },
  'PATCH /teams/[teamId]/tickets/[ticketId]/participants/[contactId]': {
    valid: { can_read_history: true },
    fields: { can_read_history: notNull(bad.boolean) }
  },
  'POST /teams/[teamId]/sla-policies': {
    valid: { name: 'Never made', targets: { resolution: { urgent: 3600 } } },
    fields: { ...policyDetails, ...policyTargets }
  },
  'PATCH /teams/[teamId]/sla-policies/[policyId]': {
    valid: { name: 'Never made' },
    fields: policyDetails
  },
  'POST /teams/[teamId]/sla-policies/simulate': {
    valid: { policy: { name: 'Never made', targets: { resolution: { urgent: 3600 } } } },
    fields: {
      policy: [
        { name: 'Never made' },
        { name: '', targets: { resolution: { urgent: 3600 } } },
        { name: 'x', targets: { resolution: { urgent: 3600 } }, id: 'x' },
        { name: 'x', targets: { resolution: { urgent: 3600 } }, conditions: 'crash' },
        { name: 'x', targets: { resolution: { 1: 3600 } } },
        { name: 'x', targets: { resolution: { urgent: 3600 } }, version: 2 },
        null,
        ...wrongTypes
      ],
      calendar: [
        { time_zone: 'UTC', hours: [] },
        { time_zone: 'Nowhere', hours: [{ weekday: 1, opens: '09:00', closes: '17:00' }] },
        { time_zone: 'UTC', hours: [{ weekday: 8, opens: '09:00', closes: '17:00' }] },
        { time_zone: 'UTC', hours: [{ weekday: 1, opens: '09:00', closes: '17:00' }], holidays: [{ date: '2026-02-30', name: 'x' }] },
        { time_zone: 'UTC', hours: [{ weekday: 1, opens: '09:00', closes: '17:00' }], name: 'x' },
        ...wrongTypes
      ]
    }
  },
  'POST /teams/[teamId]/projects': { valid: { name: 'Never made' }, fields: projectDetails },
  'PATCH /teams/[teamId]/projects/[projectId]': {
    valid: { name: 'Never made' },
    fields: { ...projectDetails, is_archived: notNull(bad.boolean) }
  },
  'POST /teams/[teamId]/calendars': {
    valid: { name: 'Never made', time_zone: 'UTC', hours: [{ weekday: 1, opens: '09:00', closes: '17:00' }] },
    fields: calendarFields
  },
  'PATCH /teams/[teamId]/calendars/[calendarId]': { valid: { name: 'Other' }, fields: calendarFields },
  'POST /teams/[teamId]/article-categories': { valid: { name: 'Never made' }, fields: articleCategoryFields },
  'PATCH /teams/[teamId]/article-categories/[categoryId]': {
    valid: { name: 'Other' },
    fields: { ...articleCategoryFields, position: [...bad.integer(1, 10_000), null] }
  },
  'POST /teams/[teamId]/articles': {
    valid: { title: 'Never made' },
    fields: { ...articleTexts, ...articleFields, locale: notNull(bad.choice(['en', 'de'])) }
  },
  'PATCH /teams/[teamId]/articles/[articleId]': {
    valid: { audience: 'clients' },
    fields: { ...articleFields, is_archived: [...bad.boolean, null] }
  },
  'PUT /teams/[teamId]/articles/[articleId]/drafts/[locale]': {
    valid: { title: 'Other', content: 'Other', version: 1 },
    fields: { ...articleTexts, version: bad.integer(1, 2_147_483_647) }
  },
  'PATCH /teams/[teamId]/articles/[articleId]/translations/[locale]': {
    valid: { slug: 'other' },
    fields: {
      slug: notNull(['', '-', 'a-', '-a', 'A', 'ä', 'a b', 'a/b', '../x', 'a_b', 'a.html', 'x'.repeat(101), ...unstorable, ...wrongTypes])
    }
  },
  'PUT /teams/[teamId]/articles/[articleId]/publications/[locale]': {
    valid: { version: 1 },
    fields: { version: notNull(bad.integer(1, 2_147_483_647)), note: bad.line(200) }
  },
  'POST /teams/[teamId]/articles/[articleId]/revisions/[revisionId]/restore': {
    valid: { version: 1 },
    fields: { version: notNull(bad.integer(1, 2_147_483_647)) }
  },
  'POST /teams/[teamId]/canned-responses': {
    valid: { title: 'Never made', content: 'Never made' },
    fields: { title: notNull(bad.line(100)), content: notNull(bad.prose(20_000)), category: bad.line(50) }
  },
  'PATCH /teams/[teamId]/canned-responses/[responseId]': {
    valid: { title: 'Other' },
    fields: { title: notNull(bad.line(100)), content: notNull(bad.prose(20_000)), category: bad.line(50) }
  },
  'POST /teams/[teamId]/saved-views': {
    valid: { name: 'Never made', filters: {} },
    fields: {
      name: notNull(bad.line(100)),
      filters: badFilters,
      is_shared: [...bad.boolean, null],
      position: [...bad.integer(0, 10_000), null]
    }
  },
  'PATCH /teams/[teamId]/saved-views/[viewId]': {
    valid: { name: 'Other' },
    fields: {
      name: notNull(bad.line(100)),
      filters: badFilters,
      is_shared: [...bad.boolean, null],
      position: [...bad.integer(0, 10_000), null]
    }
  },
  'POST /teams/[teamId]/api-keys': {
    valid: { name: 'Never made', scopes: ['read'] },
    fields: {
      name: notNull(bad.line(100)),
      scopes: ['read', [], ['READ'], ['admin'], ['read', 'read'], [5], [null], [['read']], ...wrongTypes, null],
      user_id: [...bad.id, null],
      role: notNull(bad.choice(['viewer'])).concat('admin', 'owner'),
      expires_at: [
        '',
        'x',
        'now',
        'infinity',
        '2030-02-30T00:00:00Z',
        '2030-01-01',
        '2030-01-01T00:00:00',
        1893456000,
        ...unstorable,
        ...wrongTypes
      ]
    }
  },
  'POST /teams/[teamId]/webhooks': {
    valid: { name: 'Never made', url: 'https://hooks.elsewhere.test/', events: ['ticket.created'] },
    fields: {
      name: notNull(bad.line(100)),
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
      name: notNull(bad.line(100)),
      url: ['', ' ', `https://x.test/${'x'.repeat(2_000)}`, ...wrongTypes, null],
      events: badWebhookEvents,
      is_active: [...bad.boolean, null]
    }
  },
  'POST /teams/[teamId]/cti/categories': {
    valid: { name: 'Never made' },
    fields: { name: notNull(bad.line(100)), portal_name: bad.line(100) }
  },
  'POST /teams/[teamId]/cti/types': {
    valid: { name: 'Never made', category_id: uuid },
    fields: { name: notNull(bad.line(100)), category_id: notNull(bad.id) }
  },
  'POST /teams/[teamId]/cti/items': {
    valid: { name: 'Never made', type_id: uuid },
    fields: { name: notNull(bad.line(100)), type_id: notNull(bad.id) }
  },
  ...Object.fromEntries(
    ['PATCH', 'PUT'].flatMap(method => [
      [
        `${method} /teams/[teamId]/cti/categories/[categoryId]`,
        {
          valid: { name: 'Other' },
          fields: { name: notNull(bad.line(100)), portal_name: bad.line(100), position: [...bad.integer(1, 10_000), null] }
        }
      ],
      [
        `${method} /teams/[teamId]/cti/types/[typeId]`,
        { valid: { name: 'Other' }, fields: { name: notNull(bad.line(100)), position: [...bad.integer(1, 10_000), null] } }
      ],
      [
        `${method} /teams/[teamId]/cti/items/[itemId]`,
        { valid: { name: 'Other' }, fields: { name: notNull(bad.line(100)), position: [...bad.integer(1, 10_000), null] } }
      ]
    ])
  )
}

/** Fields that a client might inject. No body, or only a few, describes them. */
export const forgedFields = [
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
  'last_message_at',
  'last_message_by',
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
]
