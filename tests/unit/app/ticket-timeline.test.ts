import { describe, expect, it } from 'vitest'
import { ticketEventTypes } from '#shared/schemas/event'
import type { Reply } from '#shared/types/api'
import type { TicketEvent } from '#shared/schemas/event'
import { momentName } from '~/utils/ticket/snooze'
import { eventChanges, eventSentence } from '~/utils/event/event-display'
import { eventActor, ticketTimeline, timelineActor, timelineSentence } from '~/utils/ticket/ticket-timeline'

const ann = { id: 'a', name: 'Ann Arbor' }
const at = (minute: number) => `2026-03-10T12:${String(minute).padStart(2, '0')}:00.000000Z`
const event = (id: number, minute: number, type: TicketEvent['type'], from: unknown, to: unknown, actor: TicketEvent['actor'] = ann) =>
  ({ id, type, from, to, actor, channel: 'ui', ticket_id: 't', ticket_number: 1, created_at: at(minute) }) as TicketEvent
const reply = (id: string, minute: number) => ({ id, created_at: at(minute) }) as Reply

const status = (id: number, minute: number) => event(id, minute, 'ticket.status_changed', 'open', 'waiting')
const createdState = (assigned_to: unknown = null) => ({
  number: 1,
  subject: 'x',
  status: 'open',
  priority: 'normal',
  severity: 3,
  path: { category: 'bug', category_name: 'Bug', type_id: null, type_name: null, item_id: null, item_name: null },
  requester: { name: null, email: null },
  assigned_to,
  tags: ['a']
})
const shape = (replies: Reply[], events: TicketEvent[]) =>
  ticketTimeline(replies, events).map(entry => ('reply' in entry ? entry.reply.id : entry.events.map(event => event.id)))

describe('ticketTimeline', () => {
  it('replies and events are sorted by time, and consecutive events are grouped', () => {
    expect(shape([reply('r1', 2), reply('r2', 6)], [status(9, 9), status(4, 4), status(3, 3), status(1, 1)])).toEqual([
      [1],
      'r1',
      [3, 4],
      'r2',
      [9]
    ])
    expect(shape([], [])).toEqual([])
    expect(shape([reply('r1', 1), reply('r2', 2)], [])).toEqual(['r1', 'r2'])
    expect(shape([], [status(2, 5), status(1, 5)])).toEqual([[1, 2]])
  })

  it('events that the conversation shows already are left out', () => {
    expect(
      shape(
        [reply('r1', 2)],
        [
          event(1, 0, 'ticket.created', null, createdState()),
          event(3, 2, 'reply.created', null, { id: 'r1', is_internal: false }),
          event(4, 3, 'ticket.tags_changed', ['a'], ['a', 'b'])
        ]
      )
    ).toEqual(['r1', [4]])
  })

  it('files that were sent with the ticket or a reply are left out; later ones and removals are shown', () => {
    const file = (reply_id: string | null) => ({ id: 'f', name: 'a.png', size: 1, content_type: 'image/png', reply_id, is_internal: false })
    expect(
      shape(
        [reply('r1', 2)],
        [
          event(1, 0, 'ticket.created', null, createdState()),
          event(2, 0, 'attachment.added', null, file(null)),
          event(3, 2, 'attachment.added', null, file('r1')),
          event(4, 3, 'attachment.added', null, file(null)),
          event(5, 4, 'attachment.removed', file('r1'), null)
        ]
      )
    ).toEqual(['r1', [4, 5]])
  })

  it('removed tags are shown, also when they were removed at the time of creation', () => {
    expect(shape([], [event(2, 0, 'ticket.tags_changed', ['a'], []), event(1, 0, 'ticket.created', null, createdState())])).toEqual([[2]])
  })

  it('the creation of a ticket that was assigned at once is shown', () => {
    const created = event(1, 0, 'ticket.created', null, createdState({ id: 'b', full_name: 'Bob Byrd' }))
    expect(shape([], [created])).toEqual([[1]])
    expect(timelineSentence(created)).toMatchObject({ does: 'created it and assigned it to', what: 'Bob Byrd' })
    expect(timelineSentence(event(1, 0, 'ticket.created', null, createdState({ id: 'a', full_name: 'Ann Arbor' })))).toMatchObject({
      does: 'created and claimed it'
    })
    expect(timelineSentence(status(1, 1))).toEqual(eventSentence(status(1, 1)))
  })

  it('entries keep their ids when new ones are appended', () => {
    const before = ticketTimeline([reply('r1', 2)], [status(1, 1)]).map(entry => entry.id)
    const after = ticketTimeline([reply('r1', 2), reply('r2', 4)], [status(3, 3), status(1, 1)]).map(entry => entry.id)
    expect(after.slice(0, before.length)).toEqual(before)
  })
})

describe('eventSentence', () => {
  const person = (id: string, full_name: string | null) => ({ id, full_name })
  const path = (category: string, category_name: string | null, type_name: string | null = null, item_name: string | null = null) => ({
    category,
    category_name,
    type_id: null,
    type_name,
    item_id: null,
    item_name
  })
  const soon = new Date(Date.now() + 3 * 86_400_000).toISOString()
  const clock = (remaining_seconds: number | null) => ({
    metric: 'first_response',
    cycle: 1,
    policy: 'Standard',
    target_seconds: 3600,
    remaining_seconds,
    due_at: null
  })
  const cases: [type: TicketEvent['type'], from: unknown, to: unknown, sentence: string][] = [
    ['ticket.status_changed', 'open', 'in_progress', 'set the status to In Progress'],
    ['ticket.priority_changed', 'low', 'urgent', 'set the priority to Urgent'],
    ['ticket.severity_changed', 3, 1, 'set the severity to SEV 1'],
    ['ticket.participant_added', null, { id: 'c', name: 'Carla', email: null }, 'added the participant Carla'],
    ['ticket.article_cited', null, { id: 'a', title: 'Restart', kind: 'text' }, 'cited the article Restart'],
    ['ticket.article_cited', null, { id: 'a', title: 'Restart', kind: 'draft' }, 'drafted the article Restart'],
    ['ticket.article_removed', { id: 'a', title: null, kind: 'cited' }, null, 'removed an unpublished article'],
    ['ticket.participant_removed', { id: 'c', name: 'Carla', email: null }, null, 'removed the participant Carla'],
    ['ticket.project_changed', null, { id: 'project', name: 'Website' }, 'set the project to Website'],
    ['ticket.assigned', null, person('b', 'Bob Byrd'), 'assigned it to Bob Byrd'],
    ['ticket.assigned', null, person('a', 'Ann Arbor'), 'claimed it'],
    ['ticket.assigned', person('a', 'Ann Arbor'), null, 'released it'],
    ['ticket.assigned', person('b', 'Bob Byrd'), null, 'unassigned it from Bob Byrd'],
    ['ticket.assigned', null, person('b', null), 'assigned it to a deleted account'],
    [
      'ticket.rerouted',
      path('bug', 'Bug'),
      path('billing', 'Billing', 'Invoice', 'Wrong amount'),
      'moved it to Billing › Invoice › Wrong amount'
    ],
    ['ticket.rerouted', path('bug', 'Bug'), path('gone', null), 'moved it to gone'],
    ['ticket.snoozed', null, soon, `snoozed it until ${momentName(soon, Date.now(), 'long')}`],
    ['ticket.snoozed', soon, null, 'ended the snooze'],
    ['ticket.subject_changed', 'a', '<b>b</b>', 'renamed it to <b>b</b>'],
    ['ticket.description_changed', null, null, 'changed the description'],
    ['ticket.requester_changed', { name: null, email: null }, { name: null, email: 'r@x.test' }, 'set the requester to r@x.test'],
    ['ticket.requester_changed', { name: 'R', email: null }, { name: null, email: null }, 'removed the requester'],
    ['ticket.tags_changed', ['a'], ['a', 'b'], 'added the tag b'],
    ['ticket.tags_changed', ['a', 'b', 'c'], ['c'], 'removed the tags a, b'],
    ['ticket.tags_changed', ['a', 'b'], ['b', 'c'], 'replaced the tag a with c'],
    ['ticket.tags_changed', ['a', 'b'], ['c', 'd'], 'replaced the tags a, b with c, d'],
    ['ticket.deleted', { number: 1, subject: 'x' }, null, 'deleted x'],
    ['ticket.created', null, createdState(), 'created x'],
    ['reply.created', null, { id: 'r', is_internal: true }, 'wrote an internal note'],
    ['reply.created', null, { id: 'r', is_internal: false }, 'replied'],
    [
      'reply.deleted',
      { id: 'r', is_internal: false, author: person('b', 'Bob Byrd'), content: 'x', format: 'text', mentions: [] },
      null,
      'deleted a reply by Bob Byrd'
    ],
    [
      'reply.deleted',
      { id: 'r', is_internal: true, author: person('b', null), content: 'x', format: 'text', mentions: [] },
      null,
      'deleted an internal note by a deleted account'
    ],
    [
      'attachment.added',
      null,
      { id: 'f', name: 'photo.jpg', size: 1, content_type: 'image/jpeg', reply_id: null, is_internal: false },
      'added the file photo.jpg'
    ],
    [
      'attachment.removed',
      { id: 'f', name: 'photo.jpg', size: 1, content_type: 'image/jpeg', reply_id: null, is_internal: false },
      null,
      'removed the file photo.jpg'
    ],
    ['ticket.rated', null, { score: 4, comment: 'Quick' }, 'rated it 4 of 5'],
    ['ticket.sla_warning', null, clock(null), 'warned: the first response is due soon'],
    ['ticket.sla_breached', null, clock(null), 'warned: the first response is overdue'],
    ['ticket.sla_met', null, clock(1200), 'met the target of the first response'],
    [
      'ticket.escalated',
      null,
      { action: 'notify', members: [person('b', 'Bob Byrd')], roles: ['admin'], followers: true, passed_over: null },
      'notified Bob Byrd, every admin, its followers'
    ],
    [
      'ticket.escalated',
      null,
      { action: 'notify', members: [], roles: [], followers: true, passed_over: 'nobody_left' },
      'could not notify anybody: none of them is in the team'
    ],
    [
      'ticket.escalated',
      null,
      { action: 'assign', members: [person('b', 'Bob Byrd')], passed_over: 'member_left' },
      'did not assign it to Bob Byrd, who has left the team or works on no tickets'
    ],
    [
      'ticket.escalated',
      null,
      { action: 'raise_severity', passed_over: 'severity_highest' },
      'did not raise the severity: it is 1 already'
    ],
    [
      'ticket.escalated',
      null,
      { action: 'add_tag', tag: 'late', passed_over: 'tag_limit' },
      'did not add the tag late: it has 20 tags already'
    ]
  ]

  it('an escalation is done by its policy, which the details explain', () => {
    const cause = { policy: { id: 'p', name: 'Standard' }, clock_id: 'c', metric: 'resolution' as const, when: 'breach' as const }
    const escalated = { ...event(1, 1, 'ticket.severity_changed', 3, 2), actor: null, cause } as TicketEvent
    expect(`${timelineActor(escalated)} ${timelineSentence(escalated).does}`).toBe('SLA policy “Standard” set the severity to')
    expect(eventChanges(escalated)).toEqual([
      { label: 'Severity', from: 'SEV 3 · Medium', to: 'SEV 2 · High' },
      { label: 'Because', from: null, to: 'Resolution is overdue' }
    ])
  })

  it.each(cases)('the sentence of an event describes %s from %o to %o', (type, from, to, expected) => {
    const { icon, does, what } = eventSentence(event(1, 1, type, from, to))
    expect([does, what].filter(Boolean).join(' ')).toBe(expected)
    expect(icon).toMatch(/^i-lucide-/)
  })

  it('every event type of a ticket has a case in this test', () => {
    expect(new Set(cases.map(([type]) => type))).toEqual(new Set(ticketEventTypes))
  })

  it('the actor of a job is the product, and the actor of a rating is the client', () => {
    expect(eventActor(event(1, 1, 'ticket.rated', null, { score: 5, comment: null }, null))).toBe('The client')
    expect(eventActor(status(1, 1))).toBe('Ann Arbor')
    expect(eventActor(event(1, 1, 'ticket.status_changed', 'resolved', 'closed', null))).toBe('Switchboard')
    expect(eventActor(event(1, 1, 'ticket.rated', null, { score: 5, comment: null }, null))).toBe('The client')
  })

  it('a ticket whose snooze ended by itself “woke up”', () => {
    const woken = event(1, 1, 'ticket.snoozed', soon, null, null)
    expect(`${timelineActor(woken)} ${eventSentence(woken).does}`).toBe('It woke up')
  })
})

it('the actor of an API key names the key, its creator and the member it acts as', () => {
  const api_key = { id: 'k', name: 'n8n', created_by: { id: 'a', full_name: 'Ann Arbor' } }
  expect(eventActor(event(1, 1, 'ticket.status_changed', 'open', 'waiting', { id: 'b', name: 'Bob Byrd', api_key }))).toBe(
    'n8n (made by Ann Arbor) for Bob Byrd'
  )
  expect(eventActor(event(1, 1, 'ticket.status_changed', 'open', 'waiting', { id: 'b', name: 'n8n', api_key }))).toBe(
    'n8n (made by Ann Arbor)'
  )
  expect(
    eventActor(
      event(1, 1, 'ticket.status_changed', 'open', 'waiting', {
        id: 'b',
        name: 'Bob Byrd',
        api_key: { id: 'k', name: null, created_by: null }
      })
    )
  ).toBe('A revoked API key (made by a deleted account) for Bob Byrd')
})
