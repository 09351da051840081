import type { TicketSort } from '#shared/ticket'
import type { Reply, TicketRow } from '#shared/types/api'
import type { RealtimeChange } from '#shared/types/realtime'
import { ticketPriorities, ticketStatuses } from '#shared/ticket'

/** What a list shows: which rows, in which order, how many, and whether it begins with the first of all. */
export interface TicketListRules {
  /** Null where only the server can tell. */
  matches(row: TicketRow): boolean | null
  compare(a: TicketRow, b: TicketRow): number
  isFirstPage: boolean
  pageSize: number
}

export interface TicketListChange<T> {
  list: T[]
  /** By how much the number of all matching tickets has changed. */
  delta: number
  /** The list alone cannot tell what it should show now: fetch it again. */
  stale: boolean
}

/**
 * `list` after one change: an older version never replaces a newer one, a row that no longer matches goes, a new one
 * takes its sorted place. Without rules every row belongs, the newest first.
 */
export function applyTicketChange<T extends TicketRow>(list: T[], change: Pick<RealtimeChange<'tickets'>, 'operation' | 'record' | 'changed'>, rules?: TicketListRules): TicketListChange<T> {
  const known = list.find(row => row.id === change.record.id)
  const unchanged = { list, delta: 0, stale: false }

  if (change.operation === 'DELETE') {
    return known ? { list: without(list, known), delta: -1, stale: rules !== undefined } : { ...unchanged, stale: rules !== undefined }
  }
  if (known && known.version > change.record.version) return unchanged

  // Broadcast rows lack the description; one that is known stays until it is fetched again.
  const row = { ...known, ...change.record } as T
  const belongs = rules ? rules.matches(row) : true

  if (belongs === null) return { list: known ? sorted(list.map(item => item === known ? row : item), rules) : list, delta: 0, stale: true }
  if (known && !belongs) return { list: without(list, known), delta: -1, stale: true }
  if (known) return { list: sorted(list.map(item => item === known ? row : item), rules), delta: 0, stale: false }
  if (!belongs) return { ...unchanged, stale: rules !== undefined && change.operation === 'UPDATE' }
  // It may have matched before, on another page: only the server knows the count.
  if (change.operation === 'UPDATE') return { ...unchanged, stale: true }
  if (rules && !rules.isFirstPage) return { list, delta: 1, stale: true }
  return { list: sorted([row, ...list], rules).slice(0, rules?.pageSize), delta: 1, stale: false }
}

/** Rows as fetched, except where a newer version, or its deletion, has been heard of since the request went out. */
export function reconcileTickets<T extends TicketRow>(current: T[], fetched: T[], deleted: ReadonlySet<string>): T[] {
  const known = new Map(current.map(row => [row.id, row]))
  return fetched.filter(row => !deleted.has(row.id)).map((row) => {
    const mine = known.get(row.id)
    return mine && mine.version > row.version ? { ...row, ...mine } : row
  })
}

/** The conversation after one change, oldest first. */
export function applyReplyChange(replies: Reply[], change: Pick<RealtimeChange<'ticket_replies'>, 'operation' | 'record'>): Reply[] {
  const others = replies.filter(reply => reply.id !== change.record.id)
  if (change.operation === 'DELETE') return others
  return [...others, change.record].sort((a, b) => instantOrder(a.created_at, b.created_at) || (a.id < b.id ? -1 : 1))
}

/** The order in which the server lists tickets: the newest of equals comes first. */
export function ticketOrder(sort: TicketSort, order: 'asc' | 'desc'): (a: TicketRow, b: TicketRow) => number {
  const direction = order === 'asc' ? 1 : -1
  const isTied = sort !== 'created_at' && sort !== 'ticket_number'
  return (a, b) => direction * compareBy(sort, a, b) || (isTied ? newest(a, b) : direction * (a.id < b.id ? -1 : 1))
}

function newest(a: TicketRow, b: TicketRow): number {
  return -instantOrder(a.created_at, b.created_at) || (a.id < b.id ? 1 : -1)
}

function compareBy(sort: TicketSort, a: TicketRow, b: TicketRow): number {
  switch (sort) {
    case 'ticket_number':
    case 'severity':
    case 'reply_count':
      return a[sort] - b[sort]
    case 'priority':
      return ticketPriorities.indexOf(a.priority) - ticketPriorities.indexOf(b.priority)
    case 'status':
      return ticketStatuses.indexOf(a.status) - ticketStatuses.indexOf(b.status)
    case 'created_at':
    case 'updated_at':
    case 'last_activity_at':
      return instantOrder(a[sort], b[sort])
    case 'requester_name':
      return textOrder(a.requester_name ?? a.requester_email, b.requester_name ?? b.requester_email)
    default:
      return textOrder(a[sort], b[sort])
  }
}

function textOrder(a: string | null, b: string | null): number {
  return (a ?? '').localeCompare(b ?? '', 'en', { sensitivity: 'accent' })
}

// Postgres writes microseconds in broadcasts and Date milliseconds in answers: as text they would not compare.
function instantOrder(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b)
}

function without<T extends TicketRow>(list: T[], row: T): T[] {
  return list.filter(item => item !== row)
}

function sorted<T extends TicketRow>(list: T[], rules?: TicketListRules): T[] {
  return [...list].sort(rules?.compare ?? ticketOrder('created_at', 'desc'))
}
