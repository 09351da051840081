import { describe, expect, it } from 'vitest'
import type { Reply, TicketRow } from '#shared/types/api'
import { applyReplyChange, applyTicketChange, reconcileTickets, ticketOrder } from '~/utils/ticket-list'
import { listRules, parseListQuery } from '~/utils/ticket-query'

const ann = 'cccccccc-0000-4000-8000-000000000001'

function row(number: number, values: Partial<TicketRow> = {}): TicketRow {
  const at = new Date(Date.UTC(2026, 0, 1, 0, number)).toISOString()
  return {
    id: `aaaaaaaa-0000-4000-8000-${String(number).padStart(12, '0')}`, team_id: 'team', ticket_number: number, subject: `Ticket ${number}`, excerpt: '', status: 'open', priority: 'normal', severity: 3, category: 'other', type_id: null, item_id: null, category_name: 'Other', type_name: null, item_name: null, channel: 'agent',
    assigned_to: null, requester_email: null, requester_name: null, resolved_at: null, closed_at: null, first_response_at: null, last_activity_at: at, created_by: ann, created_at: at, updated_at: at, reply_count: 0, version: 1, assignee: null, assignee_name: null, tags: [],
    ...values
  }
}

function reply(number: number): Reply {
  return { id: `reply-${number}`, team_id: 'team', ticket_id: 'ticket', user_id: ann, content: '', is_internal: false, created_at: `2026-01-01T00:00:${String(number).padStart(2, '0')}.000Z`, author: { id: ann, full_name: 'Ann Arbor', avatar_url: null }, author_name: 'Ann Arbor' }
}

const numbers = (list: TicketRow[]) => list.map(ticket => ticket.ticket_number)
const rules = (query: Record<string, string | string[]> = {}) => listRules(parseListQuery(query), ann)

describe('a list of tickets', () => {
  const list = [row(3), row(2), row(1)]

  it('takes a new ticket once, at its sorted place, as a new array', () => {
    const first = applyTicketChange(list, { operation: 'INSERT', record: row(4) }, rules())
    const again = applyTicketChange(first.list, { operation: 'INSERT', record: row(4) }, rules())
    expect(numbers(first.list)).toEqual([4, 3, 2, 1])
    expect(first.list).not.toBe(list)
    expect(first.delta).toBe(1)
    expect(numbers(again.list)).toEqual([4, 3, 2, 1])
    expect(again.delta).toBe(0)
  })

  it('puts a new ticket where the chosen order wants it', () => {
    const bySeverity = [row(1, { severity: 1 }), row(2, { severity: 4 })]
    const { list } = applyTicketChange(bySeverity, { operation: 'INSERT', record: row(3, { severity: 2 }) }, rules({ sort: 'severity', order: 'asc' }))
    expect(numbers(list)).toEqual([1, 3, 2])
  })

  it('replaces a row by a newer version and never by an older one', () => {
    const newer = applyTicketChange(list, { operation: 'UPDATE', record: row(2, { version: 5, subject: 'Newer' }) }, rules())
    const older = applyTicketChange(newer.list, { operation: 'UPDATE', record: row(2, { version: 4, subject: 'Older' }) }, rules())
    expect(older.list[1]!.subject).toBe('Newer')
  })

  it('keeps the description of a known row when a broadcast lacks it', () => {
    const known = [{ ...row(1), description: 'Long' }]
    const { list } = applyTicketChange(known, { operation: 'UPDATE', record: row(1, { version: 2, status: 'waiting' }) }, rules())
    expect(list[0]).toMatchObject({ description: 'Long', status: 'waiting' })
  })

  it('drops a row that no longer matches the filter, and asks for what moves up', () => {
    const change = applyTicketChange(list, { operation: 'UPDATE', record: row(2, { version: 2, status: 'resolved' }) }, rules({ status: 'open' }))
    expect(numbers(change.list)).toEqual([3, 1])
    expect(change).toMatchObject({ delta: -1, stale: true })
  })

  it.each([
    [{ status: 'waiting' }, {}], [{ priority: 'urgent' }, {}], [{ category: 'bug' }, {}], [{ tag: 'vip' }, { tags: ['other'] }], [{ assigned_to: 'me' }, {}], [{ assigned_to: 'none' }, { assigned_to: ann }],
    [{ severity: ['1', '2'] }, {}], [{ type_id: ann }, {}], [{ created_by: 'me' }, { created_by: 'somebody' }], [{ created_to: '2026-01-01' }, {}], [{ created_from: '2026-01-02' }, {}], [{ resolved_from: '2026-01-01' }, {}],
    [{ last_activity_to: '2026-01-01T00:04:00Z' }, {}], [{ status: 'waiting', q: 'printer' }, {}]
  ])('ignores a new ticket outside of %j', (query, values) => {
    const change = applyTicketChange(list, { operation: 'INSERT', record: row(4, values) }, rules(query as Record<string, string | string[]>))
    expect(change).toEqual({ list, delta: 0, stale: false })
  })

  it.each([
    [{ assigned_to: 'me' }, { assigned_to: ann }], [{ assigned_to: 'none' }, {}], [{ tag: 'vip' }, { tags: ['vip'] }],
    [{ severity: ['1', '3'] }, {}], [{ assigned_to: ['me', 'none'] }, {}], [{ tag: ['vip', 'vpn'] }, { tags: ['vpn', 'x'] }], [{ type_id: ann }, { type_id: ann }], [{ created_by: 'me' }, {}], [{ created_from: '2026-01-01', created_to: '2026-01-02' }, {}],
    [{ resolved_from: '2026-01-01T00:00:00Z' }, { resolved_at: '2026-01-03T00:00:00.5+00:00' }], [{ last_activity_from: '2026-01-01T00:04:00Z' }, {}]
  ])('takes a new ticket inside of %j', (query, values) => {
    const change = applyTicketChange(list, { operation: 'INSERT', record: row(4, values) }, rules(query as Record<string, string | string[]>))
    expect(numbers(change.list)).toContain(4)
  })

  it('asks the server when words decide, and shows what it knows until then', () => {
    const arrived = applyTicketChange(list, { operation: 'INSERT', record: row(4, { subject: 'Printer' }) }, rules({ q: 'printer' }))
    expect(arrived).toEqual({ list, delta: 0, stale: true })
    const changed = applyTicketChange(list, { operation: 'UPDATE', record: row(2, { version: 2, subject: 'Other' }) }, rules({ q: 'is:open' }))
    expect(changed).toMatchObject({ delta: 0, stale: true })
    expect(changed.list.map(({ subject }) => subject)).toContain('Other')
  })

  it('counts the days of the team\'s time zone', () => {
    const lateInTokyo = row(4, { created_at: '2026-01-01T15:30:00.000Z' })
    const within = (timeZone: string) => listRules(parseListQuery({ created_from: '2026-01-02' }), ann, timeZone).matches(lateInTokyo)
    expect([within('Asia/Tokyo'), within('Europe/Berlin')]).toEqual([true, false])
  })

  it('stays as long as its page', () => {
    const page = Array.from({ length: 25 }, (_, index) => row(25 - index))
    const { list } = applyTicketChange(page, { operation: 'INSERT', record: row(26) }, rules())
    expect(numbers(list)).toEqual(Array.from({ length: 25 }, (_, index) => 26 - index))
  })

  it('counts a new ticket on a later page and asks for the page again', () => {
    expect(applyTicketChange(list, { operation: 'INSERT', record: row(4) }, rules({ page: '2' }))).toEqual({ list, delta: 1, stale: true })
  })

  it('leaves it to the server whether an unknown changed ticket belongs here', () => {
    expect(applyTicketChange(list, { operation: 'UPDATE', record: row(9, { version: 2 }) }, rules())).toEqual({ list, delta: 0, stale: true })
  })

  it('forgets a deleted ticket', () => {
    const { list: left, delta } = applyTicketChange(list, { operation: 'DELETE', record: row(2) }, rules())
    expect(numbers(left)).toEqual([3, 1])
    expect(delta).toBe(-1)
  })

  it('keeps what it heard while a request was under way', () => {
    const current = [row(2, { version: 7, subject: 'Heard' }), row(1)]
    const fetched = [row(3), row(2, { version: 6, subject: 'Stale' }), row(1, { version: 2 })]
    const result = reconcileTickets(current, fetched, new Set([row(3).id]))
    expect(result.map(ticket => [ticket.ticket_number, ticket.version])).toEqual([[2, 7], [1, 2]])
  })

  it('orders instants by time, however many digits they have', () => {
    const broadcast = row(1, { created_at: '2026-01-01T10:00:00.123456+00:00' })
    const answered = row(2, { created_at: '2026-01-01T10:00:00.200Z' })
    expect([broadcast, answered].sort(ticketOrder('created_at', 'desc'))[0]).toBe(answered)
  })

  it('shows the worst first, and of the equally bad the newest, in either direction', () => {
    const rows = [row(1), row(2), row(3, { severity: 1 }), row(4, { severity: 5 })]
    expect(numbers([...rows].sort(ticketOrder('severity', 'asc')))).toEqual([3, 2, 1, 4])
    expect(numbers([...rows].sort(ticketOrder('severity', 'desc')))).toEqual([4, 2, 1, 3])
    expect(numbers([...rows].sort(ticketOrder('created_at', 'asc')))).toEqual([1, 2, 3, 4])
  })

  it('orders priorities by how soon, not by name', () => {
    const sorted = [row(1, { priority: 'low' }), row(2, { priority: 'urgent' }), row(3, { priority: 'high' }), row(4)].sort(ticketOrder('priority', 'desc'))
    expect(sorted.map(ticket => ticket.priority)).toEqual(['urgent', 'high', 'normal', 'low'])
  })
})

describe('a conversation', () => {
  it('takes a reply once and keeps the oldest first', () => {
    const once = applyReplyChange([reply(1), reply(3)], { operation: 'INSERT', record: reply(2) })
    const twice = applyReplyChange(once, { operation: 'INSERT', record: reply(2) })
    expect(twice.map(({ id }) => id)).toEqual(['reply-1', 'reply-2', 'reply-3'])
  })

  it('forgets a deleted reply', () => {
    expect(applyReplyChange([reply(1), reply(2)], { operation: 'DELETE', record: reply(1) })).toEqual([reply(2)])
  })
})
