import type { TicketSort } from '#shared/ticket'
import type { Reply, TicketRow } from '#shared/types/api'
import type { RealtimeChange } from '#shared/types/realtime'
import { ticketPriorities, ticketStatuses } from '#shared/ticket'
import { compareTexts } from '#shared/utils/collation'

/** What a list shows: which rows, in which order, how many, and whether it begins with the first of all. */
export interface TicketListRules {
  /** Null where only the server can tell. */
  matches(row: TicketRow): boolean | null
  compare(a: TicketRow, b: TicketRow): number
  isFirstPage: boolean
  pageSize: number
}

/** Why a row that is shown has no place in the list any more: it matches no longer, or somebody deleted it. */
export type Departure = 'left' | 'deleted'

/**
 * A list as it was when it was loaded: rows keep their places whatever happens, and what has happened is noted beside
 * them until the list is loaded again.
 */
export interface TicketListState<T> {
  rows: T[]
  /** The number of matching tickets, on this page and others, shown or not. */
  total: number
  /** Tickets that would stand on this page and are not shown. */
  arrived: ReadonlySet<string>
  /** Rows that somebody else has changed. */
  changed: ReadonlySet<string>
  departed: ReadonlyMap<string, Departure>
  /** Tickets outside of the rows that something was heard of: what a later answer brings of them has arrived. */
  heard: ReadonlySet<string>
}

export interface TicketListChange<T> {
  state: TicketListState<T>
  /** The list alone cannot tell what it should show now: fetch it again. */
  stale: boolean
}

type Change = Pick<RealtimeChange<'tickets'>, 'operation' | 'record' | 'changed'>

export function loadedList<T extends TicketRow>(rows: T[], total: number): TicketListState<T> {
  return { rows, total, arrived: new Set(), changed: new Set(), departed: new Map(), heard: new Set() }
}

/**
 * `state` after one change. No row moves: a changed one is replaced in its place, one that no longer matches stays and is
 * noted, a new one of others waits among `arrived`. What I do myself (`isMine`) I see at once: my new ticket takes
 * its sorted place, and the one I delete goes.
 */
export function applyTicketChange<T extends TicketRow>(
  state: TicketListState<T>,
  change: Change,
  rules: TicketListRules,
  isMine = false
): TicketListChange<T> {
  const { record, operation } = change
  const known = state.rows.find(row => row.id === record.id)
  if (operation === 'DELETE') return known ? deleteKnown(state, known, isMine) : forget(state, record.id)
  // Broadcast rows lack the description; one that is known stays until it is fetched again.
  return known ? changeKnown(state, known, { ...known, ...record } as T, rules, isMine) : hear(state, change, rules, isMine)
}

function deleteKnown<T extends TicketRow>(state: TicketListState<T>, known: T, isMine: boolean): TicketListChange<T> {
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

function changeKnown<T extends TicketRow>(
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

/** A change of a ticket that is not shown. */
function hear<T extends TicketRow>(
  state: TicketListState<T>,
  { record, operation }: Change,
  rules: TicketListRules,
  isMine: boolean
): TicketListChange<T> {
  const belongs = rules.matches(record)
  const heard = addTo(state.heard, record.id)
  if (belongs === false) return state.arrived.has(record.id) ? forget(state, record.id) : { state, stale: operation === 'UPDATE' }
  // It may have matched before, on another page: only the server knows the count.
  if (belongs === null || operation === 'UPDATE') return { state: { ...state, heard }, stale: !state.arrived.has(record.id) }
  const total = state.heard.has(record.id) ? state.total : state.total + 1
  if (!isOnThisPage(state.rows, record, rules)) return { state: { ...state, heard, total }, stale: false }
  if (isMine || state.rows.length === 0)
    return {
      state: { ...state, rows: insertRow(state.rows, record as T, rules), total, arrived: removeFrom(state.arrived, record.id) },
      stale: false
    }
  return { state: { ...state, heard, total, arrived: addTo(state.arrived, record.id) }, stale: false }
}

/** A ticket that is not shown exists no more, or matches no more. What else may have matched, only the server knows. */
function forget<T extends TicketRow>(state: TicketListState<T>, id: string): TicketListChange<T> {
  return { state: { ...state, arrived: removeFrom(state.arrived, id), heard: removeFrom(state.heard, id) }, stale: true }
}

/** What is known beside the answer to a request. */
export interface SinceRequest<T> {
  deleted: ReadonlySet<string>
  /** Created after the request had gone out, as they are now: an answer without them is older than they are. */
  created: ReadonlyMap<string, T>
  rules: TicketListRules
  /** Changes were missed before the request: whatever the answer brings that is not shown has arrived meanwhile. */
  hasMissed?: boolean
}

/** `state` after the server has been asked again, without moving a row. */
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
    // On a full page it may have been pushed to another one, where it still belongs.
    else if (!departed.has(row.id) && !late.has(row.id) && (isWhole || rules.matches(row) === null)) departed.set(row.id, 'left')
    return row
  })
  const arrived = new Set([...answers.keys()].filter(id => hasMissed || state.arrived.has(id) || state.heard.has(id)))
  const heard = new Set([...state.heard, ...arrived].filter(id => !late.has(id)))
  const isShown = (id: string) => rows.some(row => row.id === id) && !departed.has(id)
  const merged: TicketListState<T> = { rows, total: total + [...late.keys()].filter(isShown).length, arrived, changed, departed, heard }
  return [...late.values()]
    .filter(({ id }) => !rows.some(row => row.id === id))
    .reduce((list, record) => applyTicketChange(list, { operation: 'INSERT', record }, rules).state, merged)
}

/** The list that replaces `shown`: as fetched, except where something newer has been heard of since the request went out. */
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

/** Somebody has looked at that row: it is no longer marked as changed. */
export function markSeen<T extends TicketRow>(state: TicketListState<T>, id: string): TicketListState<T> {
  return state.changed.has(id) ? { ...state, changed: removeFrom(state.changed, id) } : state
}

/** Rows as fetched, except where a newer version, or its deletion, has been heard of since the request went out. */
export function reconcileTickets<T extends TicketRow>(current: T[], fetched: T[], deleted: ReadonlySet<string>): T[] {
  const known = new Map(current.map(row => [row.id, row]))
  return fetched
    .filter(row => !deleted.has(row.id))
    .map(row => {
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
    case 'snoozed_until':
      return compareNumbers(wakesAt(a), wakesAt(b))
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

// What has no tag comes after all that has: U+FFFF is the last of all characters.
function tagsInOrder({ tags }: TicketRow): string {
  return tags.join(', ') || '\uFFFF'
}

// What is awake comes after all that wakes up.
function wakesAt({ snoozed_until }: TicketRow): number {
  return snoozed_until === null ? Infinity : Date.parse(snoozed_until)
}

function compareNumbers(a: number, b: number): number {
  return a === b ? 0 : a - b
}

// Postgres writes microseconds in broadcasts and Date milliseconds in answers: as text they would not compare.
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
