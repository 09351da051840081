import { describe, expect, it } from 'vitest'
import type { Reply, TicketRow } from '#shared/types/api'
import {
  applyReplyChange,
  applyTicketChange,
  loadedList,
  markSeen,
  mergeTickets,
  reconcileTickets,
  replaceTickets,
  ticketOrder,
  type SinceRequest,
  type TicketListState
} from '~/utils/ticket/ticket-list'
import { listRules, parseListQuery } from '~/utils/ticket/ticket-query'

const ann = 'cccccccc-0000-4000-8000-000000000001'

// Only the columns that lists read, so that a new column does not change this test.
function row(number: number, values: Partial<TicketRow> = {}): TicketRow {
  const at = new Date(Date.UTC(2026, 0, 1, 0, number)).toISOString()
  return {
    id: `aaaaaaaa-0000-4000-8000-${String(number).padStart(12, '0')}`,
    team_id: 'team',
    ticket_number: number,
    subject: `Ticket ${number}`,
    excerpt: '',
    format: 'text',
    status: 'open',
    priority: 'normal',
    severity: 3,
    category: 'other',
    type_id: null,
    item_id: null,
    category_name: 'Other',
    type_name: null,
    item_name: null,
    channel: 'agent',
    assigned_to: null,
    snoozed_until: null,
    snoozed_by: null,
    requester_email: null,
    requester_name: null,
    resolved_at: null,
    closed_at: null,
    first_response_at: null,
    awaiting_reply_since: at,
    last_message_at: at,
    last_message_by: 'requester',
    last_activity_at: at,
    created_by: ann,
    created_by_name: 'Ann Arbor',
    created_at: at,
    updated_at: at,
    reply_count: 0,
    version: 1,
    assignee: null,
    assignee_name: null,
    tags: [],
    ...values
  } as TicketRow
}

function reply(number: number): Reply {
  return {
    id: `reply-${number}`,
    team_id: 'team',
    ticket_id: 'ticket',
    user_id: ann,
    contact_id: null,
    content: '',
    format: 'markdown',
    is_internal: false,
    created_at: `2026-01-01T00:00:${String(number).padStart(2, '0')}.000Z`,
    author_kind: 'agent',
    author: { id: ann, full_name: 'Ann Arbor', avatar_url: null },
    author_name: 'Ann Arbor',
    mentions: [],
    attachments: []
  }
}

const numbers = (list: TicketRow[]) => list.map(ticket => ticket.ticket_number)
const rules = (query: Record<string, string | string[]> = {}) => listRules(parseListQuery(query), ann)

const since = (values: Partial<SinceRequest<TicketRow>> = {}): SinceRequest<TicketRow> => ({
  deleted: new Set(),
  created: new Map(),
  rules: rules(),
  ...values
})
const created = (...rows: TicketRow[]) => new Map(rows.map(ticket => [ticket.id, ticket]))

describe('a list of tickets', () => {
  const list = loadedList([row(3), row(2), row(1)], 3)
  const newest = { sort: 'created_at' }
  const shown = (state: TicketListState<TicketRow>) => numbers(state.rows)

  it('a new ticket of others is held back, and counted once when its broadcast is repeated', () => {
    const first = applyTicketChange(list, { operation: 'INSERT', record: row(4) }, rules(newest))
    const again = applyTicketChange(first.state, { operation: 'INSERT', record: row(4) }, rules(newest))
    for (const { state, stale } of [first, again]) {
      expect(shown(state)).toEqual([3, 2, 1])
      expect([...state.arrived]).toEqual([row(4).id])
      expect(state.total).toBe(4)
      expect(stale).toBe(false)
    }
  })

  it('my own new ticket is inserted at once, whether its answer or its broadcast comes first', () => {
    const answered = applyTicketChange(list, { operation: 'INSERT', record: row(4) }, rules(newest), true)
    const both = applyTicketChange(answered.state, { operation: 'INSERT', record: row(4) }, rules(newest))
    expect(both.state).toMatchObject({ total: 4, arrived: new Set() })
    expect(shown(both.state)).toEqual([4, 3, 2, 1])
    const broadcastFirst = applyTicketChange(list, { operation: 'INSERT', record: row(4) }, rules(newest)).state
    const placed = applyTicketChange(broadcastFirst, { operation: 'INSERT', record: row(4) }, rules(newest), true).state
    expect(placed).toMatchObject({ total: 4, arrived: new Set() })
    expect(shown(placed)).toEqual([4, 3, 2, 1])
  })

  it('my new ticket is inserted at its place in the chosen order', () => {
    const bySeverity = loadedList([row(1, { severity: 1 }), row(2, { severity: 4 })], 2)
    const { state } = applyTicketChange(
      bySeverity,
      { operation: 'INSERT', record: row(3, { severity: 2 }) },
      rules({ sort: 'severity', order: 'asc' }),
      true
    )
    expect(shown(state)).toEqual([1, 3, 2])
  })

  it('a snoozed ticket departs from the list “not snoozed”, and is taken back when it wakes', () => {
    const awake = loadedList([row(1), row(2)], 2)
    const snoozed = { operation: 'UPDATE' as const, record: row(1, { snoozed_until: '2026-11-23T09:00:00Z', version: 2 }) }
    const left = applyTicketChange(awake, snoozed, rules({ snoozed: 'false' })).state
    expect([left.total, left.departed.get(row(1).id)]).toEqual([1, 'left'])
    const back = applyTicketChange(left, { operation: 'UPDATE', record: row(1, { version: 3 }) }, rules({ snoozed: 'false' })).state
    expect([back.total, back.departed.size]).toEqual([2, 0])
    expect(applyTicketChange(awake, snoozed, rules()).state.departed.size).toBe(0)
    expect(rules({ snoozed: 'true' }).matches(row(1))).toBe(false)
    expect(rules({ snoozed: 'true' }).matches(snoozed.record)).toBe(true)
  })

  it('a ticket leaves the list of those that wait for us when an agent answers, and both lists when it is resolved', () => {
    const [unanswered, answered] = [row(1), row(1, { awaiting_reply_since: null })]
    const resolved = row(1, { awaiting_reply_since: null, status: 'resolved', resolved_at: '2026-01-02T00:00:00Z' })
    expect([unanswered, answered, resolved].map(rules({ awaiting: 'us' }).matches)).toEqual([true, false, false])
    expect([unanswered, answered, resolved].map(rules({ awaiting: 'client' }).matches)).toEqual([false, true, false])
  })

  it('a list by snooze is sorted by the time of waking, with tickets that are not snoozed last', () => {
    const order = ticketOrder('snoozed_until', 'asc')
    const rows = [
      row(1),
      row(2, { snoozed_until: '2026-11-23T09:00:00.000Z' }),
      row(3, { snoozed_until: '2026-11-22T09:00:00.123456+00:00' }),
      row(4)
    ]
    expect(rows.sort(order).map(({ ticket_number }) => ticket_number)).toEqual([3, 2, 4, 1])
  })

  it('a list by tags has untagged tickets last', () => {
    const rows = [row(1), row(2, { tags: ['b', 'z'] }), row(3, { tags: ['Ä'] }), row(4, { tags: ['b', 'c'] }), row(5, { tags: ['日本'] })]
    expect(rows.sort(ticketOrder('tags', 'asc')).map(({ ticket_number }) => ticket_number)).toEqual([3, 4, 2, 5, 1])
  })

  it('names are sorted by the collation that the server uses', () => {
    const names = ['Zoe', '日本', 'éclair', 'Ängström', 'zebra', 'angst', 'Eclair', '10', 'Angstrom']
    const sorted = (order: 'asc' | 'desc') =>
      names
        .map((subject, place) => row(place + 1, { subject }))
        .sort(ticketOrder('subject', order))
        .map(({ subject }) => subject)
    expect(sorted('asc')).toEqual(['10', 'angst', 'Angstrom', 'Ängström', 'Eclair', 'éclair', 'zebra', 'Zoe', '日本'])
    expect(sorted('desc')).toEqual(sorted('asc').reverse())
    const shownNames = loadedList([row(1, { subject: 'Ängström' }), row(2, { subject: 'Zoe' })], 2)
    const { state } = applyTicketChange(
      shownNames,
      { operation: 'INSERT', record: row(3, { subject: 'éclair' }) },
      rules({ sort: 'subject', order: 'asc' }),
      true
    )
    expect(state.rows.map(({ subject }) => subject)).toEqual(['Ängström', 'éclair', 'Zoe'])
  })

  it('the first ticket of an empty list is shown at once', () => {
    expect(shown(applyTicketChange(loadedList<TicketRow>([], 0), { operation: 'INSERT', record: row(1) }, rules()).state)).toEqual([1])
  })

  it('a row is replaced in place by a newer version, and never by an older one', () => {
    const newer = applyTicketChange(list, { operation: 'UPDATE', record: row(2, { version: 5, subject: 'Newer', severity: 1 }) }, rules())
    const older = applyTicketChange(newer.state, { operation: 'UPDATE', record: row(2, { version: 4, subject: 'Older' }) }, rules())
    expect(shown(older.state)).toEqual([3, 2, 1])
    expect(older.state.rows[1]!.subject).toBe('Newer')
  })

  it('rows that others changed are marked until they are seen, and my own changes never', () => {
    const theirs = applyTicketChange(list, { operation: 'UPDATE', record: row(2, { version: 2 }) }, rules()).state
    expect([...theirs.changed]).toEqual([row(2).id])
    expect(markSeen(theirs, row(2).id).changed.size).toBe(0)
    const mine = applyTicketChange(list, { operation: 'UPDATE', record: row(2, { version: 2 }) }, rules(), true).state
    expect(mine.changed.size).toBe(0)
    expect(applyTicketChange(mine, { operation: 'UPDATE', record: row(2, { version: 2 }) }, rules()).state.changed.size).toBe(0)
  })

  it('a known row keeps its description when a broadcast lacks it', () => {
    const known = loadedList([{ ...row(1), description: 'Long' }], 1)
    const { state } = applyTicketChange(known, { operation: 'UPDATE', record: row(1, { version: 2, status: 'waiting' }) }, rules())
    expect(state.rows[0]).toMatchObject({ description: 'Long', status: 'waiting' })
  })

  it('a row that left the filter stays marked, is subtracted once, and counts again when it matches again', () => {
    const open = rules({ status: 'open' })
    const left = applyTicketChange(list, { operation: 'UPDATE', record: row(2, { version: 2, status: 'resolved' }) }, open).state
    const still = applyTicketChange(left, { operation: 'UPDATE', record: row(2, { version: 3, status: 'waiting' }) }, open).state
    for (const state of [left, still]) {
      expect(shown(state)).toEqual([3, 2, 1])
      expect(state.departed).toEqual(new Map([[row(2).id, 'left']]))
      expect(state.total).toBe(2)
    }
    const back = applyTicketChange(still, { operation: 'UPDATE', record: row(2, { version: 4 }) }, open).state
    expect(back).toMatchObject({ total: 3, departed: new Map() })
  })

  it.each([
    [{ status: 'waiting' }, {}],
    [{ priority: 'urgent' }, {}],
    [{ category: 'bug' }, {}],
    [{ tag: 'vip' }, { tags: ['other'] }],
    [{ assigned_to: 'me' }, {}],
    [{ assigned_to: 'none' }, { assigned_to: ann }],
    [{ severity: ['1', '2'] }, {}],
    [{ type_id: ann }, {}],
    [{ created_by: 'me' }, { created_by: 'somebody' }],
    [{ created_to: '2026-01-01' }, {}],
    [{ created_from: '2026-01-02' }, {}],
    [{ resolved_from: '2026-01-01' }, {}],
    [{ last_activity_to: '2026-01-01T00:04:00Z' }, {}],
    [{ status: 'waiting', q: 'printer' }, {}]
  ])('a new ticket that does not match %j is ignored', (query, values) => {
    const change = applyTicketChange(
      list,
      { operation: 'INSERT', record: row(4, values) },
      rules(query as Record<string, string | string[]>)
    )
    expect(change).toEqual({ state: list, stale: false })
  })

  it.each([
    [{ assigned_to: 'me' }, { assigned_to: ann }],
    [{ assigned_to: 'none' }, {}],
    [{ tag: 'vip' }, { tags: ['vip'] }],
    [{ severity: ['1', '3'] }, {}],
    [{ assigned_to: ['me', 'none'] }, {}],
    [{ tag: ['vip', 'vpn'] }, { tags: ['vpn', 'x'] }],
    [{ type_id: ann }, { type_id: ann }],
    [{ created_by: 'me' }, {}],
    [{ created_from: '2026-01-01', created_to: '2026-01-02' }, {}],
    [{ resolved_from: '2026-01-01T00:00:00Z' }, { resolved_at: '2026-01-03T00:00:00.5+00:00' }],
    [{ last_activity_from: '2026-01-01T00:04:00Z' }, {}]
  ])('a new ticket that matches %j is counted', (query, values) => {
    const { state } = applyTicketChange(
      list,
      { operation: 'INSERT', record: row(4, values) },
      rules(query as Record<string, string | string[]>)
    )
    expect(state).toMatchObject({ arrived: new Set([row(4).id]), total: 4 })
  })

  it('a list with a text search becomes stale, and shows its known rows until the server answers', () => {
    const arrived = applyTicketChange(list, { operation: 'INSERT', record: row(4, { subject: 'Printer' }) }, rules({ q: 'printer' }))
    expect(arrived).toMatchObject({ stale: true, state: { rows: list.rows, total: 3, arrived: new Set() } })
    const answered = mergeTickets(arrived.state, [row(4), row(3), row(2), row(1)], 4, since({ rules: rules({ q: 'printer' }) }))
    expect(answered).toMatchObject({ rows: list.rows, total: 4, arrived: new Set([row(4).id]) })
    const changed = applyTicketChange(
      list,
      { operation: 'UPDATE', record: row(2, { version: 2, subject: 'Other' }) },
      rules({ q: 'is:open' })
    )
    expect(changed.stale).toBe(true)
    expect(changed.state.rows.map(({ subject }) => subject)).toContain('Other')
  })

  it('a new ticket counts as arrived only when it sorts into the current page', () => {
    const page = loadedList(
      Array.from({ length: 25 }, (_, index) => row(25 - index)),
      30
    )
    const later = applyTicketChange(page, { operation: 'INSERT', record: row(26, { severity: 5 }) }, rules()).state
    expect(later).toMatchObject({ arrived: new Set(), total: 31 })
    const here = applyTicketChange(page, { operation: 'INSERT', record: row(27, { severity: 1 }) }, rules()).state
    expect(here).toMatchObject({ arrived: new Set([row(27).id]), total: 31 })
    const mine = applyTicketChange(page, { operation: 'INSERT', record: row(27, { severity: 1 }) }, rules(), true).state
    expect(mine.rows).toHaveLength(25)
    expect(mine.rows[0]!.ticket_number).toBe(27)
  })

  it('filters by day use the time zone of the team', () => {
    const lateInTokyo = row(4, { created_at: '2026-01-01T15:30:00.000Z' })
    const matchesIn = (timeZone: string) => listRules(parseListQuery({ created_from: '2026-01-02' }), ann, timeZone).matches(lateInTokyo)
    expect([matchesIn('Asia/Tokyo'), matchesIn('Europe/Berlin')]).toEqual([true, false])
  })

  it('a new ticket is added to the total when a later page is shown', () => {
    expect(applyTicketChange(list, { operation: 'INSERT', record: row(4) }, rules({ page: '2' }))).toMatchObject({
      state: { rows: list.rows, total: 4, arrived: new Set() },
      stale: false
    })
  })

  it('an update of an unknown ticket makes the list stale, and the server decides whether it belongs there', () => {
    const change = applyTicketChange(list, { operation: 'UPDATE', record: row(9, { version: 2 }) }, rules())
    expect(change).toMatchObject({ state: { rows: list.rows, total: 3, arrived: new Set() }, stale: true })
    expect(mergeTickets(change.state, [row(9), ...list.rows], 4, since())).toMatchObject({
      arrived: new Set([row(9).id]),
      total: 4,
      rows: list.rows
    })
  })

  it('a ticket that I delete is removed, and one that others delete is marked in its place', () => {
    const mine = applyTicketChange(list, { operation: 'DELETE', record: row(2) }, rules(), true).state
    expect(shown(mine)).toEqual([3, 1])
    expect(mine.total).toBe(2)
    const theirs = applyTicketChange(list, { operation: 'DELETE', record: row(2) }, rules()).state
    expect(shown(theirs)).toEqual([3, 2, 1])
    expect(theirs).toMatchObject({ total: 2, departed: new Map([[row(2).id, 'deleted']]) })
  })

  it('an arrived ticket is forgotten when it leaves the filter or is deleted before it is shown', () => {
    const arrived = applyTicketChange(list, { operation: 'INSERT', record: row(4) }, rules({ status: 'open' })).state
    const left = applyTicketChange(
      arrived,
      { operation: 'UPDATE', record: row(4, { version: 2, status: 'closed' }) },
      rules({ status: 'open' })
    )
    expect(left).toMatchObject({ stale: true, state: { arrived: new Set() } })
    expect(applyTicketChange(arrived, { operation: 'DELETE', record: row(4) }, rules())).toMatchObject({
      stale: true,
      state: { arrived: new Set() }
    })
  })

  it('a refetch moves no row, and marks arrived, changed and departed rows', () => {
    const answer = [row(5), row(3, { version: 2, severity: 5 }), row(1)]
    const merged = mergeTickets(list, answer, 3, since({ hasMissed: true }))
    expect(shown(merged)).toEqual([3, 2, 1])
    expect(merged).toMatchObject({
      total: 3,
      arrived: new Set([row(5).id]),
      changed: new Set([row(3).id]),
      departed: new Map([[row(2).id, 'left']])
    })
    expect(mergeTickets(list, answer, 3, since({ deleted: new Set([row(2).id]) })).departed).toEqual(new Map([[row(2).id, 'deleted']]))
  })

  it('a row that moved to the next page is not marked as departed', () => {
    const page = loadedList(
      Array.from({ length: 25 }, (_, index) => row(25 - index)),
      25
    )
    const pushed = [row(26), ...page.rows.slice(0, 24)]
    expect(mergeTickets(page, pushed, 26, since({ hasMissed: true }))).toMatchObject({
      departed: new Map(),
      arrived: new Set([row(26).id])
    })
  })

  it('a ticket that was created while a request was pending is kept and counted', () => {
    const arrived = applyTicketChange(list, { operation: 'INSERT', record: row(4) }, rules(newest)).state
    const merged = mergeTickets(arrived, list.rows, 3, since({ created: created(row(4)), rules: rules(newest), hasMissed: true }))
    expect(merged).toMatchObject({ rows: list.rows, total: 4, arrived: new Set([row(4).id]) })
    // An answer that contains it has counted it.
    expect(mergeTickets(arrived, [row(4), ...list.rows], 4, since({ created: created(row(4)), rules: rules(newest) }))).toMatchObject({
      rows: list.rows,
      total: 4,
      arrived: new Set([row(4).id])
    })
    // A request that began after it was created is right: the ticket has left.
    expect(mergeTickets(arrived, list.rows, 3, since({ rules: rules(newest) }))).toMatchObject({ total: 3, arrived: new Set() })
  })

  it('my new ticket stays in its place when an older answer does not contain it', () => {
    const mine = applyTicketChange(list, { operation: 'INSERT', record: row(4) }, rules(newest), true).state
    const merged = mergeTickets(mine, list.rows, 3, since({ created: created(row(4)), rules: rules(newest) }))
    expect(shown(merged)).toEqual([4, 3, 2, 1])
    expect(merged).toMatchObject({ total: 4, departed: new Map(), arrived: new Set() })
  })

  it('a ticket that was created while the list loaded is shown, if it matches and was not deleted', () => {
    expect(
      shown(
        replaceTickets(
          [],
          list.rows,
          3,
          since({ created: created(row(4), row(5, { status: 'closed' })), rules: rules({ ...newest, status: 'open' }) })
        )
      )
    ).toEqual([4, 3, 2, 1])
    expect(replaceTickets([], list.rows, 3, since({ created: created(row(4)), deleted: new Set([row(4).id]) }))).toMatchObject({
      rows: list.rows,
      total: 3
    })
  })

  it('a departed row stays marked when an older answer still contains it', () => {
    const left = applyTicketChange(
      list,
      { operation: 'UPDATE', record: row(2, { version: 2, status: 'closed' }) },
      rules({ status: 'open' })
    ).state
    const merged = mergeTickets(left, list.rows, 3, since({ rules: rules({ status: 'open' }) }))
    expect(merged.departed).toEqual(new Map([[row(2).id, 'left']]))
    expect(merged.rows[1]!.status).toBe('closed')
  })

  it('broadcasts that are newer than the answer win over it', () => {
    const current = [row(2, { version: 7, subject: 'Broadcast' }), row(1)]
    const fetched = [row(3), row(2, { version: 6, subject: 'Stale' }), row(1, { version: 2 })]
    const result = reconcileTickets(current, fetched, new Set([row(3).id]))
    expect(result.map(ticket => [ticket.ticket_number, ticket.version])).toEqual([
      [2, 7],
      [1, 2]
    ])
  })

  it('instants are sorted by time, whatever their number of decimals', () => {
    const broadcast = row(1, { created_at: '2026-01-01T10:00:00.123456+00:00' })
    const answered = row(2, { created_at: '2026-01-01T10:00:00.200Z' })
    expect([broadcast, answered].sort(ticketOrder('created_at', 'desc'))[0]).toBe(answered)
  })

  it('a list by severity sorts in both directions, and equal severities by the newest', () => {
    const rows = [row(1), row(2), row(3, { severity: 1 }), row(4, { severity: 5 })]
    expect(numbers([...rows].sort(ticketOrder('severity', 'asc')))).toEqual([3, 2, 1, 4])
    expect(numbers([...rows].sort(ticketOrder('severity', 'desc')))).toEqual([4, 2, 1, 3])
    expect(numbers([...rows].sort(ticketOrder('created_at', 'asc')))).toEqual([1, 2, 3, 4])
  })

  it('priorities are sorted by urgency, not by name', () => {
    const sorted = [row(1, { priority: 'low' }), row(2, { priority: 'urgent' }), row(3, { priority: 'high' }), row(4)].sort(
      ticketOrder('priority', 'desc')
    )
    expect(sorted.map(ticket => ticket.priority)).toEqual(['urgent', 'high', 'normal', 'low'])
  })
})

describe('applyReplyChange', () => {
  it('a reply is inserted once, with the oldest first', () => {
    const first = applyReplyChange([reply(1), reply(3)], { operation: 'INSERT', record: reply(2) })
    const second = applyReplyChange(first, { operation: 'INSERT', record: reply(2) })
    expect(second.map(({ id }) => id)).toEqual(['reply-1', 'reply-2', 'reply-3'])
  })

  it('a deleted reply is removed', () => {
    expect(applyReplyChange([reply(1), reply(2)], { operation: 'DELETE', record: reply(1) })).toEqual([reply(2)])
  })
})
