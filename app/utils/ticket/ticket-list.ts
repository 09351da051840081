import type { TicketSort } from '#shared/ticket'
import type { Reply, TicketRow } from '#shared/types/api'
import type { RealtimeChange } from '#shared/types/realtime'
import { ticketPriorities, ticketStatuses } from '#shared/ticket'
import { compareTexts } from '#shared/utils/collation'
import { joinAttachments } from '../attachment/attachment-list'

/** What a list shows: which rows, in which order, how many, and whether it is the first page. */
export interface TicketListRules {
  /** Null if only the server can decide. */
  matches(row: TicketRow): boolean | null
  compare(a: TicketRow, b: TicketRow): number
  isFirstPage: boolean
  pageSize: number
}

/** Why a visible row no longer belongs to the list: it stopped matching, or it was deleted. */
export type Departure = 'left' | 'deleted'

/**
 * A snapshot of a list. Rows keep their places; changes are recorded beside them until the list is loaded again, so that nothing
 * moves under the reader's pointer.
 */
export interface TicketListState<T> {
  rows: T[]
  /** The number of matching tickets on all pages, visible or not. */
  total: number
  /** Tickets that belong on this page but are not shown yet. */
  arrived: ReadonlySet<string>
  /** Rows that somebody else changed. */
  changed: ReadonlySet<string>
  departed: ReadonlyMap<string, Departure>
  /** Tickets outside of the rows that changed: if a later response contains them, they have arrived. */
  unlisted: ReadonlySet<string>
}

export interface TicketListChange<T> {
  state: TicketListState<T>
  /** Only the server knows what the list should show now: fetch it again. */
  stale: boolean
}

type Change = Pick<RealtimeChange<'tickets'>, 'operation' | 'record' | 'changed'>

export function loadedList<T extends TicketRow>(rows: T[], total: number): TicketListState<T> {
  return { rows, total, arrived: new Set(), changed: new Set(), departed: new Map(), unlisted: new Set() }
}

/**
 * Applies one change. No row moves: a changed row is replaced in place, a row that stops matching stays and is marked, and a new
 * ticket of somebody else waits in `arrived`. Own changes (`isMine`) show at once: a new ticket is inserted at its sorted place,
 * and a deleted one is removed.
 */
export function applyTicketChange<T extends TicketRow>(
  state: TicketListState<T>,
  change: Change,
  rules: TicketListRules,
  isMine = false
): TicketListChange<T> {
  const { record, operation } = change
  const known = state.rows.find(row => row.id === record.id)
  if (operation === 'DELETE') return known ? deleteRow(state, known, isMine) : dropUnlisted(state, record.id)
  // Broadcast rows have no description; a known one is kept until the next fetch.
  return known ? updateRow(state, known, { ...known, ...record } as T, rules, isMine) : applyUnlistedChange(state, change, rules, isMine)
}

function deleteRow<T extends TicketRow>(state: TicketListState<T>, known: T, isMine: boolean): TicketListChange<T> {
  const departure = state.departed.get(known.id)
  const total = departure ? state.total : decrement(state.total)
  if (isMine)
    return {
      state: { ...state, rows: state.rows.filter(row => row !== known), total, departed: removeKey(state.departed, known.id) },
      stale: false
    }
  return {
    state: { ...state, total, changed: removeFrom(state.changed, known.id), departed: new Map(state.departed).set(known.id, 'deleted') },
    stale: false
  }
}

function updateRow<T extends TicketRow>(
  state: TicketListState<T>,
  known: T,
  row: T,
  rules: TicketListRules,
  isMine: boolean
): TicketListChange<T> {
  if (known.version > row.version || state.departed.get(row.id) === 'deleted') return { state, stale: false }
  const rows = state.rows.map(item => (item === known ? row : item))
  const changed = isMine || known.version === row.version ? state.changed : addTo(state.changed, row.id)
  const belongs = rules.matches(row)
  const hasLeft = state.departed.has(row.id)
  if (belongs === null) return { state: { ...state, rows, changed }, stale: true }
  if (belongs)
    return {
      state: { ...state, rows, changed, total: hasLeft ? state.total + 1 : state.total, departed: removeKey(state.departed, row.id) },
      stale: false
    }
  return {
    state: {
      ...state,
      rows,
      changed,
      total: hasLeft ? state.total : decrement(state.total),
      departed: hasLeft ? state.departed : new Map(state.departed).set(row.id, 'left')
    },
    stale: false
  }
}

function applyUnlistedChange<T extends TicketRow>(
  state: TicketListState<T>,
  { record, operation }: Change,
  rules: TicketListRules,
  isMine: boolean
): TicketListChange<T> {
  const belongs = rules.matches(record)
  const unlisted = addTo(state.unlisted, record.id)
  if (belongs === false) return state.arrived.has(record.id) ? dropUnlisted(state, record.id) : { state, stale: operation === 'UPDATE' }
  // It may have matched before, on another page, so only the server knows the count.
  if (belongs === null || operation === 'UPDATE') return { state: { ...state, unlisted }, stale: !state.arrived.has(record.id) }
  const total = state.unlisted.has(record.id) ? state.total : state.total + 1
  if (!isOnThisPage(state.rows, record, rules)) return { state: { ...state, unlisted, total }, stale: false }
  if (isMine || state.rows.length === 0)
    return {
      state: { ...state, rows: insertRow(state.rows, record as T, rules), total, arrived: removeFrom(state.arrived, record.id) },
      stale: false
    }
  return { state: { ...state, unlisted, total, arrived: addTo(state.arrived, record.id) }, stale: false }
}

/** A ticket outside of the rows was deleted or stopped matching. Whether it had matched before, only the server knows. */
function dropUnlisted<T extends TicketRow>(state: TicketListState<T>, id: string): TicketListChange<T> {
  return { state: { ...state, arrived: removeFrom(state.arrived, id), unlisted: removeFrom(state.unlisted, id) }, stale: true }
}

/** What changed since a request was sent. */
export interface SinceRequest<T> {
  deleted: ReadonlySet<string>
  /** Tickets created since, in their current state: a response without them is older. */
  created: ReadonlyMap<string, T>
  rules: TicketListRules
  /** Whether changes were missed before the request: all tickets of the response that are not shown have then arrived. */
  hasMissed?: boolean
}

/** Merges a new response into the list without moving a row. */
export function mergeTickets<T extends TicketRow>(
  state: TicketListState<T>,
  fetched: T[],
  total: number,
  since: SinceRequest<T>
): TicketListState<T> {
  const { deleted, rules, hasMissed = false } = since
  if (state.rows.length === 0) return replaceTickets([], fetched, total, since)
  const answers = new Map(fetched.filter(row => !deleted.has(row.id)).map(row => [row.id, row]))
  const late = lateTickets(fetched, since)

  const isWhole = rules.isFirstPage && fetched.length < rules.pageSize
  const changed = new Set(state.changed)
  const departed = new Map(state.departed)
  const rows = state.rows.map(row => {
    const answer = answers.get(row.id)
    answers.delete(row.id)
    if (answer) {
      if (answer.version < row.version) return row
      departed.delete(row.id)
      if (answer.version > row.version) changed.add(row.id)
      return answer
    }
    if (deleted.has(row.id)) departed.set(row.id, 'deleted')
    // On a full page it may have moved to another page and still match.
    else if (!departed.has(row.id) && !late.has(row.id) && (isWhole || rules.matches(row) === null)) departed.set(row.id, 'left')
    return row
  })
  const arrived = new Set([...answers.keys()].filter(id => hasMissed || state.arrived.has(id) || state.unlisted.has(id)))
  const unlisted = new Set([...state.unlisted, ...arrived].filter(id => !late.has(id)))
  const isShown = (id: string) => rows.some(row => row.id === id) && !departed.has(id)
  const merged: TicketListState<T> = { rows, total: total + [...late.keys()].filter(isShown).length, arrived, changed, departed, unlisted }
  return [...late.values()]
    .filter(({ id }) => !rows.some(row => row.id === id))
    .reduce((list, record) => applyTicketChange(list, { operation: 'INSERT', record }, rules).state, merged)
}

/** Replaces `shown` by the response, except for changes that are newer than the request. */
export function replaceTickets<T extends TicketRow>(shown: T[], fetched: T[], total: number, since: SinceRequest<T>): TicketListState<T> {
  const list = loadedList(reconcileTickets(shown, fetched, since.deleted), total)
  return [...lateTickets(fetched, since).values()].reduce(
    (list, record) => applyTicketChange(list, { operation: 'INSERT', record }, since.rules, true).state,
    list
  )
}

function lateTickets<T extends TicketRow>(fetched: T[], { created, deleted }: SinceRequest<T>): Map<string, T> {
  const answered = new Set(fetched.map(({ id }) => id))
  return new Map([...created].filter(([id]) => !answered.has(id) && !deleted.has(id)))
}

/** Removes the mark of a changed row. */
export function markSeen<T extends TicketRow>(state: TicketListState<T>, id: string): TicketListState<T> {
  return state.changed.has(id) ? { ...state, changed: removeFrom(state.changed, id) } : state
}

/** The fetched rows, except where a newer version or a deletion is known. */
export function reconcileTickets<T extends TicketRow>(current: T[], fetched: T[], deleted: ReadonlySet<string>): T[] {
  const known = new Map(current.map(row => [row.id, row]))
  return fetched
    .filter(row => !deleted.has(row.id))
    .map(row => {
      const mine = known.get(row.id)
      return mine && mine.version > row.version ? { ...row, ...mine } : row
    })
}

/** Applies one change to a conversation, which is sorted oldest first. */
export function applyReplyChange(replies: Reply[], change: Pick<RealtimeChange<'ticket_replies'>, 'operation' | 'record'>): Reply[] {
  const others = replies.filter(reply => reply.id !== change.record.id)
  if (change.operation === 'DELETE') return others
  const known = replies.find(reply => reply.id === change.record.id)
  const record = known ? { ...change.record, attachments: joinAttachments(known.attachments, change.record.attachments) } : change.record
  return [...others, record].sort((a, b) => instantOrder(a.created_at, b.created_at) || (a.id < b.id ? -1 : 1))
}

/** The server's order of tickets; equal ones are sorted newest first. */
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
    case 'last_message_at':
      return instantOrder(a[sort], b[sort])
    case 'snoozed_until':
      return compareNumbers(lastIfNone(a.snoozed_until), lastIfNone(b.snoozed_until))
    case 'due_at':
      return compareNumbers(lastIfNone(a.sla_due_at), lastIfNone(b.sla_due_at))
    case 'requester_name':
      return textOrder(a.requester_name ?? a.requester_email, b.requester_name ?? b.requester_email)
    case 'tags':
      return textOrder(tagsInOrder(a), tagsInOrder(b))
    default:
      return textOrder(a[sort], b[sort])
  }
}

function textOrder(a: string | null, b: string | null): number {
  return compareTexts(a ?? '', b ?? '')
}

// Tickets without tags come last: U+FFFF sorts after all characters.
function tagsInOrder({ tags }: TicketRow): string {
  return tags.join(', ') || '\uFFFF'
}

// Tickets without the time come last.
function lastIfNone(time: string | null): number {
  return time === null ? Infinity : Date.parse(time)
}

function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a - b
}

// Broadcasts have microseconds (Postgres), responses milliseconds (Date), so the texts cannot be compared.
function instantOrder(a: string, b: string): number {
  return Date.parse(a) - Date.parse(b)
}

function isOnThisPage(rows: TicketRow[], row: TicketRow, rules: TicketListRules): boolean {
  return rules.isFirstPage && (rows.length < rules.pageSize || rules.compare(row, rows.at(-1)!) < 0)
}

function insertRow<T extends TicketRow>(rows: T[], row: T, rules: TicketListRules): T[] {
  const place = rows.findIndex(other => rules.compare(row, other) < 0)
  return rows.toSpliced(place < 0 ? rows.length : place, 0, row).slice(0, rules.pageSize)
}

function addTo(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return ids.has(id) ? ids : new Set([...ids, id])
}

function removeFrom(ids: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return ids.has(id) ? new Set([...ids].filter(other => other !== id)) : ids
}

function removeKey<V>(values: ReadonlyMap<string, V>, id: string): ReadonlyMap<string, V> {
  return values.has(id) ? new Map([...values].filter(([other]) => other !== id)) : values
}

function decrement(total: number): number {
  return Math.max(0, total - 1)
}
