import type { TicketPriority, TicketSort, TicketStatus } from '#shared/ticket'
import type { TicketRow } from '#shared/types/api'
import type { TicketListRules } from './ticket-list'
import { defaultSort, naturalOrder, ticketPriorities, ticketSorts, ticketStatuses } from '#shared/ticket'
import { dayStart } from '#shared/utils/day'
import { parseSearch } from '#shared/utils/search-query'
import { queryString } from '../app/query-string'
import { ticketOrder } from './ticket-list'

/** What narrows and orders the list, as it stands in the address bar. Empty means "any"; several values, any of them. */
export interface TicketListQuery {
  status: TicketStatus[]
  priority: TicketPriority[]
  severity: string[]
  /** Keys of categories, ids of types and items. */
  category: string[]
  type_id: string[]
  item_id: string[]
  /** Members' ids, "me" or "none". */
  assigned_to: string[]
  /** Members' ids or "me". */
  created_by: string[]
  tag: string[]
  /** Put away, or not; empty: either. */
  snoozed: '' | 'true' | 'false'
  /** Days of the team's time zone, or instants: from the beginning of the first to that of the second. */
  created_from: string
  created_to: string
  last_activity_from: string
  last_activity_to: string
  resolved_from: string
  resolved_to: string
  /** Words and operators, see shared/utils/search-query.ts. */
  q: string
  sort: TicketSort
  order: 'asc' | 'desc'
  page: number
  page_size: 25 | 50
}

/** A list without its order and pages. */
export type TicketListFilter = Omit<TicketListQuery, 'sort' | 'order' | 'page' | 'page_size'>

type Query = Record<string, unknown>

const id = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/
const moment = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/

/** The list that an address names; what it does not understand it ignores. */
export function parseListQuery(query: Query): TicketListQuery {
  const sort = oneOf(ticketSorts, query.sort) ?? defaultSort
  return {
    status: parseKnown(ticketStatuses, query.status),
    priority: parseKnown(ticketPriorities, query.priority),
    severity: parseKnown(['1', '2', '3', '4', '5'], query.severity),
    category: parseMatching(query.category, /^[a-z][a-z0-9_]{0,49}$/),
    type_id: parseMatching(query.type_id, id),
    item_id: parseMatching(query.item_id, id),
    assigned_to: parseMatching(query.assigned_to, /^(?:me|none|[0-9a-f-]{36})$/),
    created_by: parseMatching(query.created_by, /^(?:me|[0-9a-f-]{36})$/),
    tag: [...new Set(parseMatching(query.tag, /^[^,]{1,50}$/u).map(tag => tag.normalize('NFC').toLowerCase()))],
    snoozed: oneOf(['true', 'false'] as const, query.snoozed) ?? '',
    created_from: text(query.created_from, moment),
    created_to: text(query.created_to, moment),
    last_activity_from: text(query.last_activity_from, moment),
    last_activity_to: text(query.last_activity_to, moment),
    resolved_from: text(query.resolved_from, moment),
    resolved_to: text(query.resolved_to, moment),
    q: parseSearchText(query.q),
    sort,
    order: oneOf(['asc', 'desc'] as const, query.order) ?? naturalOrder(sort),
    page: Number(text(query.page, /^[1-9]\d{0,4}$/)) || 1,
    page_size: query.page_size === '50' ? 50 : 25
  }
}

/** Nothing narrows the list. */
export function emptyFilter(): TicketListFilter {
  const { sort: _, order: __, page: ___, page_size: ____, ...filter } = parseListQuery({})
  return filter
}

/** The address of a list: only what differs from the default stands in it. */
export function addressOf(list: TicketListQuery): Record<string, string | string[]> {
  const usual = { ...parseListQuery({}), order: naturalOrder(list.sort) }
  const entries = Object.entries(list).filter(([key, value]) => String(value) !== String(usual[key as keyof TicketListQuery]))
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Array.isArray(value) && value.length > 1 ? value.map(String) : String(value)])
  )
}

/** What the tickets route is asked. */
export function apiQuery(list: TicketListQuery): Record<string, string | number | string[]> {
  return Object.fromEntries(Object.entries(list).filter(([, value]) => String(value) !== ''))
}

/** Where all tickets of a list, whatever its page, can be had as CSV. */
export function exportPath(teamId: string, { page: _, page_size: __, ...list }: TicketListQuery): string {
  return `/api/teams/${teamId}/export/tickets.csv?${queryString(list)}`
}

/** What the counts route is asked: the same narrowing, in every status. */
export function countsQuery({
  status: _,
  sort: __,
  order: ___,
  page: ____,
  page_size: _____,
  ...narrowing
}: TicketListQuery): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(narrowing).filter(([, value]) => String(value) !== ''))
}

/** Whether a list is narrowed by more than its status. */
export function isNarrowed(list: TicketListQuery): boolean {
  return Object.keys(countsQuery(list)).length > 0
}

/** The same narrowing and order as on the server, for changes that arrive while the list is shown. */
export function listRules(list: TicketListQuery, me: string, timeZone = 'UTC'): TicketListRules {
  return {
    matches: row => matches(list, row, me, timeZone),
    compare: ticketOrder(list.sort, list.order),
    isFirstPage: list.page === 1,
    pageSize: list.page_size
  }
}

// Null: only the server can tell. It alone knows the words of a ticket.
function matches(list: TicketListQuery, row: TicketRow, me: string, timeZone: string): boolean | null {
  const within =
    isAnyOf(list.status, row.status) &&
    isAnyOf(list.priority, row.priority) &&
    isAnyOf(list.severity, String(row.severity)) &&
    isAnyOf(list.category, row.category) &&
    isAnyOf(list.type_id, row.type_id) &&
    isAnyOf(list.item_id, row.item_id) &&
    isAnyOf(
      list.assigned_to.map(value => (value === 'me' ? me : value)),
      row.assigned_to ?? 'none'
    ) &&
    isAnyOf(
      list.created_by.map(value => (value === 'me' ? me : value)),
      row.created_by
    ) &&
    (list.tag.length === 0 || list.tag.some(tag => row.tags.includes(tag))) &&
    (list.snoozed === '' || (list.snoozed === 'true') === (row.snoozed_until !== null)) &&
    isBetween(row.created_at, list.created_from, list.created_to, timeZone) &&
    isBetween(row.last_activity_at, list.last_activity_from, list.last_activity_to, timeZone) &&
    isBetween(row.resolved_at, list.resolved_from, list.resolved_to, timeZone)
  return within && list.q ? null : within
}

function isAnyOf(wanted: readonly string[], value: string | null): boolean {
  return wanted.length === 0 || (value !== null && wanted.includes(value))
}

function isBetween(at: string | null, from: string, to: string, timeZone: string): boolean {
  return (!from || (at !== null && isSince(at, from, timeZone))) && (!to || (at !== null && !isSince(at, to, timeZone)))
}

function isSince(at: string, moment: string, timeZone: string): boolean {
  return Date.parse(at) >= (moment.includes('T') ? Date.parse(moment) : dayStart(moment, timeZone))
}

function parseSearchText(value: unknown): string {
  const q = text(value, /^[^\0]{1,200}$/u)
  return parseSearch(q).issues.length > 0 ? '' : q
}

/** Of the known values those that are named, once each, in their own order. */
function parseKnown<const T extends readonly string[]>(known: T, value: unknown): T[number][] {
  const wanted = parts(value).flatMap(part => part.split(','))
  return known.filter(item => wanted.includes(item))
}

function parseMatching(value: unknown, pattern: RegExp): string[] {
  return [
    ...new Set(
      parts(value)
        .map(part => text(part, pattern))
        .filter(Boolean)
    )
  ]
}

/** A parameter that may be repeated. */
function parts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter(part => typeof part === 'string')
}

function oneOf<const T extends readonly string[]>(values: T, value: unknown): T[number] | undefined {
  return values.find(candidate => candidate === value)
}

function text(value: unknown, pattern: RegExp): string {
  return typeof value === 'string' && pattern.test(value.trim()) ? value.trim() : ''
}
