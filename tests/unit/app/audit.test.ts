import { describe, expect, it } from 'vitest'
import { eventTypes } from '#shared/schemas/event'
import type { TicketEvent, TicketEventType } from '#shared/schemas/event'
import { auditAddress, auditDays, auditRequest, parseAuditFilter, typesAbout } from '~/utils/audit/audit'
import { auditSubjects } from '~/utils/audit/audit-subjects'
import { auditSentence } from '~/utils/event/event-display'
import { momentName } from '~/utils/ticket/snooze'

const event = (type: TicketEventType, from: unknown, to: unknown, more: Partial<TicketEvent> = {}) =>
  ({
    id: 1,
    type,
    from,
    to,
    actor: { id: 'a', name: 'Ann Arbor' },
    channel: 'ui',
    ticket_id: 't',
    ticket_number: 12,
    created_at: '2026-03-10T12:00:00.000000Z',
    ...more
  }) as TicketEvent

describe('the filter of the audit log', () => {
  it('the filter round-trips through the address, and an empty address means no filter', () => {
    const filter = { about: 'members', actor: 'none', from: '2026-03-01', to: '2026-03-31', ticket: '12' } as const
    expect(parseAuditFilter(auditAddress(filter))).toEqual(filter)
    expect(auditAddress(parseAuditFilter({}))).toEqual({})
  })

  it.each([
    { about: 'nothing' },
    { about: ['members', 'team'] },
    { actor: 'ann' },
    { from: '2026-13-01' },
    { from: 'yesterday' },
    { to: '2026-3-1' },
    { ticket: '0' },
    { ticket: '#12' },
    { other: 'x' }
  ])('the filter ignores the invalid query %o', query => {
    expect(auditAddress(parseAuditFilter(query))).toEqual({})
  })

  it('each event type belongs to exactly one subject', () => {
    const types = auditSubjects.flatMap(({ value }) => typesAbout(value))
    expect([...types].sort()).toEqual([...eventTypes].sort())
    for (const { value } of auditSubjects) expect(typesAbout(value).length, value).toBeGreaterThan(0)
    expect(typesAbout('members')).toEqual([
      'member.added',
      'member.role_changed',
      'member.removed',
      'invitation.created',
      'invitation.renewed',
      'invitation.revoked'
    ])
  })

  it('the filter asks the API for whole days of the reader’s time zone', () => {
    expect(auditRequest(parseAuditFilter({}))).toEqual({})
    expect(auditRequest({ about: 'exports', actor: 'none', from: '2026-03-28', to: '2026-03-31', ticket: '' })).toEqual({
      type: ['tickets.exported', 'audit.exported'],
      actor: 'none',
      from: new Date(2026, 2, 28).toISOString(),
      to: new Date(2026, 3, 1).toISOString()
    })
  })
})

describe('the days of the audit log', () => {
  it('each day of the audit log has one heading', () => {
    const now = new Date(2026, 2, 10, 15).getTime()
    const at = (...time: [number, number, number, number]) => new Date(...time).toISOString()
    const days = auditDays(
      [at(2026, 2, 10, 14), at(2026, 2, 10, 0), at(2026, 2, 9, 23), at(2026, 2, 8, 1), at(2025, 11, 31, 1)].map((created_at, index) =>
        event('ticket.deleted', null, null, { id: 9 - index, created_at })
      ),
      now
    )
    expect(days.map(({ events }) => events.map(({ id }) => id))).toEqual([[9, 8], [7], [6], [5]])
    expect(days.slice(0, 2).map(({ label }) => label)).toEqual(['Today', 'Yesterday'])
    expect(days[2]!.label).not.toMatch(/2026/)
    expect(days[3]!.label).toMatch(/2025/)
    expect(new Set(days.map(({ key }) => key)).size).toBe(4)
    expect(auditDays([], now)).toEqual([])
  })
})

describe('a sentence of the audit log', () => {
  const person = (id: string, full_name: string) => ({ id, full_name })
  const reply = { id: 'r', is_internal: false, author: person('b', 'Bob Byrd'), content: 'x' }
  it.each<[TicketEventType, unknown, unknown, string]>([
    ['ticket.created', null, { number: 12, subject: 'Printer' }, 'created #012 Printer'],
    ['ticket.status_changed', 'open', 'waiting', 'set the status of #012 to Waiting'],
    ['ticket.priority_changed', 'low', 'high', 'set the priority of #012 to High'],
    ['ticket.severity_changed', 3, 1, 'set the severity of #012 to SEV 1'],
    ['ticket.participant_added', null, { id: 'c', name: 'Carla', email: null }, 'added to #012 the participant Carla'],
    ['ticket.article_cited', null, { id: 'a', title: 'Restart', kind: 'link' }, 'cited in #012 the article Restart'],
    ['ticket.article_cited', null, { id: 'a', title: null, kind: 'draft' }, 'drafted from #012 an unpublished article'],
    ['ticket.article_removed', { id: 'a', title: 'Restart', kind: 'cited' }, null, 'removed from #012 the article Restart'],
    ['ticket.participant_removed', { id: 'c', name: 'Carla', email: null }, null, 'removed from #012 the participant Carla'],
    ['ticket.project_changed', null, { id: 'project', name: 'Website' }, 'set the project of #012 to Website'],
    ['ticket.assigned', null, person('b', 'Bob Byrd'), 'assigned #012 to Bob Byrd'],
    ['ticket.assigned', null, person('a', 'Ann Arbor'), 'claimed #012'],
    ['ticket.assigned', person('b', 'Bob Byrd'), null, 'unassigned #012 from Bob Byrd'],
    ['ticket.assigned', person('a', 'Ann Arbor'), null, 'released #012'],
    ['ticket.rerouted', {}, { category: 'bug', category_name: 'Bug', type_name: 'Net', item_name: null }, 'moved #012 to Bug › Net'],
    ['ticket.snoozed', null, '2020-11-23T12:00:00Z', `snoozed #012 until ${momentName('2020-11-23T12:00:00Z')}`],
    ['ticket.snoozed', '2020-11-23T12:00:00Z', null, 'woke #012 up'],
    ['ticket.subject_changed', 'a', 'b', 'renamed #012 to b'],
    ['ticket.description_changed', null, null, 'changed the description of #012'],
    ['ticket.requester_changed', {}, { name: null, email: 'r@x.test' }, 'set the requester of #012 to r@x.test'],
    ['ticket.requester_changed', {}, { name: null, email: null }, 'removed the requester of #012'],
    ['ticket.tags_changed', ['a'], ['a', 'b'], 'set the tags of #012 to a, b'],
    ['ticket.tags_changed', ['a'], [], 'removed all tags from #012'],
    ['ticket.deleted', { number: 12, subject: 'Printer' }, null, 'deleted #012 Printer'],
    ['ticket.rated', null, { score: 4, comment: null }, 'rated #012 4 of 5'],
    ['reply.created', null, { id: 'r', is_internal: true }, 'wrote an internal note in #012'],
    ['reply.deleted', reply, null, 'deleted from #012 a reply by Bob Byrd'],
    ['attachment.added', null, { name: 'a.png' }, 'added to #012 the file a.png'],
    ['attachment.removed', { name: 'a.png' }, null, 'removed from #012 the file a.png']
  ])('a sentence of the audit log describes %s from %o to %o', (type, from, to, expected) => {
    const { icon, before, after, what } = auditSentence(event(type, from, to))
    expect([before, '#012', after, what].filter(Boolean).join(' ')).toBe(expected)
    expect(icon).toMatch(/^i-lucide-/)
  })

  it('the sentence of a team event names no ticket', () => {
    expect(
      auditSentence(
        event('member.role_changed', {}, { member: person('b', 'Bob Byrd'), role: 'admin' }, { ticket_id: null, ticket_number: null })
      )
    ).toMatchObject({ before: 'changed the role of Bob Byrd to', after: '', what: 'Admin' })
    expect(
      auditSentence(
        event('member.added', null, { member: person('a', 'Ann Arbor'), role: 'admin' }, { ticket_id: null, ticket_number: null })
      )
    ).toMatchObject({ before: 'joined as', what: 'Admin' })
    for (const [type, from, to, before] of [
      ['calendar.created', null, { name: 'Office' }, 'added the calendar'],
      ['calendar.updated', { name: 'Office' }, { name: 'Office' }, 'changed the calendar'],
      ['calendar.updated', { name: 'Office' }, { name: 'Office', open_clocks: 12 }, 'changed the calendar of 12 open clocks,'],
      ['calendar.deleted', { name: 'Office' }, null, 'deleted the calendar'],
      ['article.created', null, { title: 'Office' }, 'began the article'],
      ['article.updated', { title: 'Office' }, { title: 'Office' }, 'changed the article'],
      ['article.published', null, { title: 'Office' }, 'published the article'],
      ['article.published', { title: 'Home' }, { title: 'Office' }, 'published a new text of the article'],
      ['article.unpublished', { title: 'Office' }, null, 'took the article from its readers:'],
      ['article.deleted', { title: 'Office' }, null, 'deleted the article'],
      ['article_category.created', null, { name: 'Office' }, 'added the article category'],
      ['article_category.updated', { name: 'Home' }, { name: 'Office' }, 'changed the article category'],
      ['article_category.deleted', { name: 'Office' }, null, 'deleted the article category']
    ] as const)
      expect(auditSentence(event(type, from, to, { ticket_id: null, ticket_number: null }))).toMatchObject({ before, what: 'Office' })
    for (const [moved_clocks, clocks] of [
      [0, 'no clock'],
      [1, '1 clock'],
      [1200, '1,200 clocks']
    ] as const)
      expect(auditSentence(event('policy.applied', null, { moved_clocks }, { ticket_id: null, ticket_number: null }))).toMatchObject({
        before: `applied the SLA policies to open tickets: ${clocks} moved`
      })
  })
})

it('an event about an article leads to it, unless it was deleted', () => {
  const article = { id: 'a', locale: 'en', title: 'Office' }
  const idOf = (type: string, from: unknown, to: unknown) => auditSentence({ type, from, to, actor: null, cause: null } as never).articleId
  expect(idOf('article.created', null, article)).toBe('a')
  expect(idOf('article.unpublished', article, null)).toBe('a')
  expect(idOf('ticket.article_cited', null, { ...article, kind: 'link' })).toBe('a')
  expect(idOf('ticket.article_cited', null, { ...article, title: null, kind: 'draft' })).toBeUndefined()
  expect(idOf('article.deleted', article, null)).toBeUndefined()
})
