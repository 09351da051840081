import { describe, expect, it } from 'vitest'
import { eventTypes } from '#shared/schemas/event'
import type { Member } from '#shared/types/api'
import type { TicketEvent, TicketEventType } from '#shared/schemas/event'
import { eventChanges } from '~/utils/event/event-display'
import { exactTime } from '~/utils/app/time'

const person = (full_name: string | null) => ({ id: 'b', full_name })
const path = (category: string, category_name: string | null, type_name: string | null = null) => ({
  category,
  category_name,
  type_id: null,
  type_name,
  item_id: null,
  item_name: null
})
const bob = '3f6f8c1e-0000-4000-8000-000000000003'
const names = { members: [{ id: bob, full_name: 'Bob Byrd' } as Member], categories: [], types: [], items: [] }
const hook = { name: 'CRM', url: 'https://crm.test/in', events: ['ticket.created'], is_active: true }
const carla = { id: 'c', email: 'carla@client.test' }
const key = { name: 'CI', prefix: 'sk_12345678', member: person('CI'), scopes: ['read', 'write'] }

const cases: [type: TicketEventType, from: unknown, to: unknown, changes: [label: string, from: string | null, to: string | null][]][] = [
  [
    'ticket.created',
    null,
    {
      number: 1,
      subject: 'x',
      status: 'open',
      priority: 'high',
      severity: 3,
      path: path('bug', 'Bug', 'Network'),
      requester: { name: 'R', email: null },
      assigned_to: person('Bob Byrd'),
      tags: ['a', 'b']
    },
    [
      ['Status', null, 'Open'],
      ['Priority', null, 'High'],
      ['Severity', null, 'SEV 3 · Medium'],
      ['Category', null, 'Bug › Network'],
      ['Requester', null, 'R'],
      ['Assignee', null, 'Bob Byrd'],
      ['Tags', null, 'a, b']
    ]
  ],
  ['ticket.status_changed', 'open', 'in_progress', [['Status', 'Open', 'In Progress']]],
  ['ticket.priority_changed', 'low', 'urgent', [['Priority', 'Low', 'Urgent']]],
  ['ticket.severity_changed', 3, 1, [['Severity', 'SEV 3 · Medium', 'SEV 1 · Critical']]],
  ['ticket.assigned', person('Bob Byrd'), null, [['Assignee', 'Bob Byrd', 'Nobody']]],
  ['ticket.assigned', null, person(null), [['Assignee', 'Nobody', 'Deleted account']]],
  ['ticket.rerouted', path('bug', 'Bug', 'Network'), path('gone', null), [['Category', 'Bug › Network', 'gone']]],
  ['ticket.snoozed', null, '2026-11-23T09:00:00Z', [['Snoozed until', null, exactTime('2026-11-23T09:00:00Z')]]],
  ['ticket.subject_changed', 'a', '<b>b</b>', [['Subject', 'a', '<b>b</b>']]],
  ['ticket.description_changed', null, null, []],
  ['ticket.requester_changed', { name: null, email: 'r@x.test' }, { name: 'R', email: 'r@x.test' }, [['Requester', 'None', 'R']]],
  ['ticket.tags_changed', ['a', 'b'], [], [['Tags', 'a, b', 'None']]],
  ['ticket.deleted', { number: 1, subject: 'x' }, null, []],
  [
    'ticket.sla_warning',
    null,
    { metric: 'resolution', cycle: 1, policy: 'Standard', target_seconds: 5400, remaining_seconds: null, due_at: null },
    [
      ['Policy', null, 'Standard'],
      ['Target', null, '1 h 30 min']
    ]
  ],
  [
    'ticket.sla_breached',
    null,
    {
      metric: 'resolution',
      cycle: 1,
      policy: 'Standard',
      target_seconds: 5400,
      remaining_seconds: null,
      due_at: null,
      change: { type: 'ticket.severity_changed', from: 3, to: 1 }
    },
    [
      ['Policy', null, 'Standard'],
      ['Target', null, '1 h 30 min'],
      ['Because of the severity', 'SEV 3 · Medium', 'SEV 1 · Critical']
    ]
  ],
  [
    'ticket.sla_met',
    null,
    { metric: 'resolution', cycle: 1, policy: 'Standard', target_seconds: 5400, remaining_seconds: 600, due_at: null },
    [
      ['Policy', null, 'Standard'],
      ['Target', null, '1 h 30 min'],
      ['Left', null, '10 min']
    ]
  ],
  ['ticket.escalated', null, { action: 'notify', members: [person('Bob Byrd')], roles: [], followers: true, passed_over: null }, []],
  ['policy.created', null, { id: carla.id, name: 'Gold' }, []],
  [
    'policy.updated',
    { id: carla.id, name: 'Gold', escalations: [] },
    {
      id: carla.id,
      name: 'Gold',
      escalations: [
        { metric: 'resolution', when: 'breach', action: 'assign', member_id: bob },
        {
          metric: null,
          when: 'warning',
          action: 'notify',
          members: ['3f6f8c1e-0000-4000-8000-000000000009'],
          roles: ['admin'],
          followers: true
        }
      ]
    },
    [
      [
        'Escalations',
        'None',
        'When the resolution is overdue: assign it to Bob Byrd; When any target is due soon: notify a former member, every admin, its followers'
      ]
    ]
  ],
  [
    'policy.updated',
    {
      id: carla.id,
      name: 'Gold',
      is_active: true,
      conditions: [],
      target_by: 'priority',
      targets: { resolution: { high: 3600 } },
      calendar: null,
      pauses: { resolution: [] },
      warn_percent: 80,
      reopen_percent: 25
    },
    {
      id: carla.id,
      name: 'Silver',
      is_active: false,
      conditions: [{ key: 'tier', values: ['Silver', 'Gold'], not: false }],
      target_by: 'severity',
      targets: { first_response: { 1: 60 }, resolution: { 1: 5400, 2: 7200 } },
      calendar: 'Office',
      pauses: { resolution: ['waiting', 'in_progress'] },
      warn_percent: 50,
      reopen_percent: 30
    },
    [
      ['Name', 'Gold', 'Silver'],
      ['In use', 'yes', 'no'],
      ['Conditions', 'every ticket', 'tier:Silver,Gold'],
      ['Targets by', 'priority', 'severity'],
      ['Targets', 'Resolution: high 1 h', 'First response: 1 1 min; Resolution: 1 1 h 30 min, 2 2 h'],
      ['Calendar', 'around the clock', 'Office'],
      ['Paused', 'never', 'Resolution: waiting, in progress'],
      ['Warning', 'at 80 %', 'at 50 %'],
      ['After a reopening', 'at least 25 %', 'at least 30 %']
    ]
  ],
  ['policy.deleted', { id: carla.id, name: 'Gold' }, null, []],
  ['policy.applied', null, { moved_clocks: 12 }, []],
  [
    'ticket.rated',
    null,
    { score: 4, comment: 'Fine' },
    [
      ['Score', null, '4 of 5'],
      ['Comment', null, 'Fine']
    ]
  ],
  ['reply.created', null, { id: 'r', is_internal: true }, []],
  ['attachment.added', null, { id: 'f', name: 'a.png' }, []],
  ['attachment.removed', { id: 'f', name: 'a.png' }, null, []],
  [
    'attachment.infected',
    null,
    { name: 'a.exe', sha256: 'abc', signature: 'Win.Test', uploaded_by: person('Bob Byrd') },
    [
      ['Found', null, 'Win.Test'],
      ['Uploaded by', null, 'Bob Byrd'],
      ['SHA-256', null, 'abc']
    ]
  ],
  [
    'reply.created',
    null,
    { id: 'r', is_internal: false, content: `Ask <@${bob}>`, format: 'text', mentions: [{ id: bob, full_name: 'Bob Byrd' }] },
    [['Reply', null, 'Ask @Bob Byrd']]
  ],
  [
    'reply.deleted',
    {
      id: 'r',
      is_internal: true,
      author: person('Bob'),
      content: `Ask <@${bob}> and <@3f6f8c1e-0000-4000-8000-000000000009>`,
      format: 'text',
      mentions: [{ id: bob, full_name: 'Bob Byrd' }]
    },
    null,
    [['Internal note', 'Ask @Bob Byrd and @former member', null]]
  ],
  [
    'tickets.exported',
    null,
    { status: ['open', 'waiting'], severity: [1], assigned_to: [bob], q: 'vpn', sort: 'severity', order: 'asc' },
    [['Tickets', null, 'Status: Open, Waiting · Severity: SEV 1 · Assignee: Bob Byrd · Search: vpn']]
  ],
  ['tickets.exported', null, { sort: 'severity', order: 'asc' }, [['Tickets', null, 'All tickets']]],
  [
    'audit.exported',
    null,
    { type: ['reply.created', 'reply.deleted'], actor: [bob, 'none'], ticket: 12 },
    [['Entries', null, 'Replies · By: Bob Byrd, Nobody · Ticket: 12']]
  ],
  ['audit.exported', null, {}, [['Entries', null, 'The whole log']]],
  ['team.created', null, { name: 'Acme' }, []],
  [
    'team.updated',
    {
      name: 'Acme',
      auto_close_days: 14,
      some_setting: true,
      client_mails: ['public_reply', 'assigned'],
      rating_delay_minutes: 60,
      portal_color: null
    },
    { name: 'Acme Ltd', auto_close_days: 7, some_setting: false, client_mails: [], rating_delay_minutes: null, portal_color: '#b91c1c' },
    [
      ['Name', 'Acme', 'Acme Ltd'],
      ['Days until resolved tickets close', '14', '7'],
      ['Some setting', 'true', 'false'],
      ['Mails to clients', 'New reply, Assignment', 'None'],
      ['Minutes until clients are asked for a rating', '60', 'None'],
      ['Colour for clients', 'None', '#b91c1c']
    ]
  ],
  ['member.added', null, { member: person('Bob'), role: 'member' }, [['Role', null, 'Member']]],
  [
    'member.role_changed',
    { member: person('Bob'), role: 'member' },
    { member: person('Bob'), role: 'admin' },
    [['Role', 'Member', 'Admin']]
  ],
  ['member.removed', { member: person('Bob'), role: 'viewer' }, null, [['Role', 'Viewer', null]]],
  ['invitation.created', null, { email: 'r@x.test', role: 'admin' }, [['Role', null, 'Admin']]],
  ['invitation.renewed', { email: 'r@x.test', role: 'admin' }, { email: 'r@x.test', role: 'admin' }, []],
  ['invitation.revoked', { email: 'r@x.test', role: 'admin' }, null, [['Role', 'Admin', null]]],
  [
    'routing.created',
    null,
    { kind: 'category', path: ['Bug'], portal_name: null },
    [
      ['Category', null, 'Bug'],
      ['Name for clients', null, 'None: not offered to clients']
    ]
  ],
  [
    'routing.updated',
    { kind: 'item', path: ['Bug', 'Net', 'VPN'] },
    { kind: 'item', path: ['Bug', 'Net', 'Tunnel'] },
    [['Item', 'Bug › Net › VPN', 'Bug › Net › Tunnel']]
  ],
  [
    'routing.deleted',
    { kind: 'type', path: ['Bug', 'Net'], items: 1 },
    null,
    [
      ['Type', 'Bug › Net', null],
      ['Also deleted', '1 item', null]
    ]
  ],
  [
    'routing.deleted',
    { kind: 'category', path: ['Bug'], portal_name: 'Technical issue', types: 2, items: 0 },
    null,
    [
      ['Category', 'Bug', null],
      ['Name for clients', 'Technical issue', null],
      ['Also deleted', '2 types', null]
    ]
  ],
  ['contact.created', null, { id: carla.id, name: 'Carla', email: carla.email }, []],
  [
    'contact.updated',
    { id: carla.id, name: 'Carla', organization: null, addresses: ['c@x.test'] },
    { id: carla.id, name: 'Clara', organization: 'Client Corp', addresses: ['c@x.test', 'd@x.test'] },
    [
      ['Name', 'Carla', 'Clara'],
      ['Organization', 'None', 'Client Corp'],
      ['Addresses', 'c@x.test', 'c@x.test, d@x.test']
    ]
  ],
  ['contact.blocked', null, { id: carla.id, name: null, email: carla.email }, []],
  ['contact.unblocked', { id: carla.id, name: null, email: carla.email }, null, []],
  ['contact.signed_out', null, { id: carla.id, name: null, email: carla.email, ticket_sessions: 1, ticket_links: 2 }, []],
  ['contact.merged', { id: carla.id, name: 'C', email: null }, { id: carla.id, name: 'Carla', email: carla.email }, []],
  ['contact.unmerged', { id: carla.id, name: 'C', email: null }, { id: carla.id, name: 'Carla', email: carla.email }, []],
  ['contact.erased', { id: carla.id }, null, []],
  ['ticket.participant_added', null, { id: carla.id, name: 'Carla', email: 'c@x.test' }, []],
  ['ticket.participant_removed', { id: carla.id, name: 'Carla', email: 'c@x.test' }, null, []],
  ['ticket.project_changed', null, { id: carla.id, name: 'Website' }, [['Project', null, 'Website']]],
  ['project.created', null, { id: carla.id, name: 'Website' }, []],
  [
    'project.updated',
    { id: carla.id, name: 'Website', organization: null, is_archived: false },
    { id: carla.id, name: 'Shop', organization: 'Client Corp', is_archived: true },
    [
      ['Name', 'Website', 'Shop'],
      ['Offered to', 'all contacts', 'Client Corp'],
      ['Archived', 'no', 'yes']
    ]
  ],
  ['project.deleted', { id: carla.id, name: 'Website' }, null, []],
  ['calendar.created', null, { id: carla.id, name: 'Office' }, []],
  [
    'calendar.updated',
    { id: carla.id, name: 'Office', hours: [{ weekday: 1, opens: '09:00', closes: '17:00' }], region: null },
    {
      id: carla.id,
      name: 'Office',
      hours: [{ weekday: 1, opens: '09:00', closes: '24:00' }],
      region: 'BY',
      holidays: [{ date: '2026-12-25', name: 'Christmas' }]
    },
    [
      ['Region of the holidays', 'None', 'BY'],
      ['Hours', 'Mon 09:00–17:00', 'Mon 09:00–24:00'],
      ['Holidays', 'None', '2026-12-25 Christmas']
    ]
  ],
  ['calendar.deleted', { id: carla.id, name: 'Office' }, null, []],
  ['organization.created', null, { name: 'Client Corp' }, []],
  [
    'organization.updated',
    { name: 'Client Corp', shares_tickets: false },
    { name: 'Client Corp', shares_tickets: true },
    [['Its contacts see each other’s tickets', 'no', 'yes']]
  ],
  ['organization.deleted', { name: 'Client Corp' }, null, []],
  ['article.created', null, { id: carla.id, locale: 'en', title: 'VPN' }, []],
  [
    'article.updated',
    { id: carla.id, locale: 'en', title: 'VPN', audience: 'internal', category: null, is_archived: false, slug: 'vpn' },
    { id: carla.id, locale: 'en', title: 'VPN', audience: 'public', category: 'Network', is_archived: true, slug: 'set-up-vpn' },
    [
      ['Audience', 'Team only', 'Everybody'],
      ['Category', 'None', 'Network'],
      ['Archived', 'no', 'yes'],
      ['Address', 'vpn', 'set-up-vpn']
    ]
  ],
  [
    'article.published',
    { id: carla.id, locale: 'de', title: 'VPN', revision: 1, audience: 'clients', note: null },
    { id: carla.id, locale: 'de', title: 'VPN einrichten', revision: 2, audience: 'clients', note: 'New title' },
    [
      ['Title', 'VPN', 'VPN einrichten'],
      ['Revision', '1', '2'],
      ['Note', 'None', 'New title']
    ]
  ],
  ['article.unpublished', { id: carla.id, locale: 'en', title: 'VPN' }, null, []],
  [
    'article.deleted',
    { id: carla.id, locale: 'en', title: 'VPN', audience: 'public', category: 'Network' },
    { id: carla.id, locale: 'en', title: 'Network' },
    [
      ['Title', 'VPN', null],
      ['Audience', 'Everybody', null],
      ['Category', 'Network', null],
      ['Its readers are led to', null, 'Network']
    ]
  ],
  ['article_category.created', null, { id: carla.id, name: 'Network' }, []],
  [
    'article_category.updated',
    { id: carla.id, name: 'Network', names: {} },
    { id: carla.id, name: 'Networks', names: { de: 'Netzwerk' } },
    [
      ['Name', 'Network', 'Networks'],
      ['In other languages', 'None', 'German: Netzwerk']
    ]
  ],
  ['article_category.deleted', { id: carla.id, name: 'Network' }, null, []],
  ['canned_response.created', null, { title: 'Bye' }, []],
  [
    'canned_response.updated',
    { title: 'Bye', category: null, content: 'Good bye.' },
    { title: 'Bye', category: 'General', content: 'Bye.' },
    [
      ['Category', 'None', 'General'],
      ['Text', 'Good bye.', 'Bye.']
    ]
  ],
  [
    'canned_response.deleted',
    { title: 'Bye', category: null, content: 'Bye.' },
    null,
    [
      ['Title', 'Bye', null],
      ['Text', 'Bye.', null]
    ]
  ],
  [
    'view.shared',
    null,
    { name: 'Free', filters: { assigned_to: 'none' } },
    [
      ['Name', null, 'Free'],
      ['Shows', null, 'Assignee: Unassigned']
    ]
  ],
  ['view.updated', { name: 'Free' }, { name: "Nobody's" }, [['Name', 'Free', "Nobody's"]]],
  [
    'view.unshared',
    { name: 'Free', filters: {} },
    null,
    [
      ['Name', 'Free', null],
      ['Shows', 'All tickets', null]
    ]
  ],
  [
    'api_key.created',
    null,
    key,
    [
      ['Name', null, 'CI'],
      ['Begins with', null, 'sk_12345678'],
      ['Acts as', null, 'CI'],
      ['May', null, 'read, write']
    ]
  ],
  ['api_key.rotated', key, { ...key, prefix: 'sk_abcdefgh' }, [['Begins with', 'sk_12345678', 'sk_abcdefgh']]],
  [
    'api_key.revoked',
    key,
    null,
    [
      ['Name', 'CI', null],
      ['Begins with', 'sk_12345678', null],
      ['Acts as', 'CI', null],
      ['May', 'read, write', null]
    ]
  ],
  [
    'webhook.created',
    null,
    hook,
    [
      ['Name', null, 'CRM'],
      ['Address', null, 'https://crm.test/in'],
      ['Events', null, 'ticket.created'],
      ['State', null, 'On']
    ]
  ],
  ['webhook.updated', hook, { ...hook, is_active: false }, [['State', 'On', 'Off']]],
  [
    'webhook.deleted',
    { ...hook, is_active: false },
    null,
    [
      ['Name', 'CRM', null],
      ['Address', 'https://crm.test/in', null],
      ['Events', 'ticket.created', null],
      ['State', 'Off', null]
    ]
  ],
  ['webhook.secret_rotated', null, { name: 'CRM' }, []],
  ['webhook.disabled', null, { id: 'w', name: 'CRM', reason: 'It failed for 75 hours' }, [['Reason', null, 'It failed for 75 hours']]]
]

describe('eventChanges', () => {
  it.each(cases)('lists the changes of %s from %o to %o', (type, from, to, expected) => {
    const changes = eventChanges({ type, from, to } as TicketEvent, names)
    expect(changes.map(({ label, from, to }) => [label, from, to])).toEqual(expected)
  })

  it('every event type has a case in this test', () => {
    expect(new Set(cases.map(([type]) => type))).toEqual(new Set(eventTypes))
  })

  it('changes that hold long text are marked', () => {
    const texts = cases
      .flatMap(([type, from, to]) => eventChanges({ type, from, to } as TicketEvent, names))
      .filter(change => change.isText)
      .map(({ label }) => label)
    expect(new Set(texts)).toEqual(new Set(['Internal note', 'Reply', 'Text']))
  })
})
