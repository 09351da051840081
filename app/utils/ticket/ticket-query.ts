import type { TicketPriority, TicketSort, TicketStatus } from '#shared/ticket'
import type { TicketRow } from '#shared/types/api'
import type { TicketListRules } from './ticket-list'
import { defaultSort, naturalOrder, ticketPriorities, ticketSorts, ticketStatuses } from '#shared/ticket'
import { dayStart } from '#shared/utils/day'
import { parseSearch } from '#shared/utils/search-query'
import { queryString } from '../app/query-string'
import { ticketOrder } from './ticket-list'

/** Filters, order and page of the list, as in the URL. Empty means "any"; several values mean any of them. */
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
  /** Empty selects both snoozed and other tickets. */
  snoozed: '' | 'true' | 'false'
  /** Who has to write next; empty selects all tickets. */
  awaiting: '' | 'us' | 'client'
  /** Days in the team's time zone, or instants. `from` is inclusive, `to` is exclusive. */
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

/** The filters of a list, without order and page. */
export type TicketListFilter = Omit<TicketListQuery, 'sort' | 'order' | 'page' | 'page_size'>

type Query = Record<string, unknown>

const id = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/
const timestamp = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d))?$/

/** Parses the query of the URL; invalid values are ignored. */
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
    awaiting: oneOf(['us', 'client'] as const, query.awaiting) ?? '',
    created_from: text(query.created_from, timestamp),
    created_to: text(query.created_to, timestamp),
    last_activity_from: text(query.last_activity_from, timestamp),
    last_activity_to: text(query.last_activity_to, timestamp),
    resolved_from: text(query.resolved_from, timestamp),
    resolved_to: text(query.resolved_to, timestamp),
    q: parseSearchText(query.q),
    sort,
    order: oneOf(['asc', 'desc'] as const, query.order) ?? naturalOrder(sort),
    page: Number(text(query.page, /^[1-9]\d{0,4}$/)) || 1,
    page_size: query.page_size === '50' ? 50 : 25
  }
}

export function emptyFilter(): TicketListFilter {
  const { sort: _, order: __, page: ___, page_size: ____, ...filter } = parseListQuery({})
  return filter
}

/** The query parameters of a list, without those that equal the default. */
export function addressOf(list: TicketListQuery): Record<string, string | string[]> {
  const usual = { ...parseListQuery({}), order: naturalOrder(list.sort) }
  const entries = Object.entries(list).filter(([key, value]) => String(value) !== String(usual[key as keyof TicketListQuery]))
  return Object.fromEntries(
    entries.map(([key, value]) => [key, Array.isArray(value) && value.length > 1 ? value.map(String) : String(value)])
  )
}

/** The query of the tickets route. */
export function apiQuery(list: TicketListQuery): Record<string, string | number | string[]> {
  return Object.fromEntries(Object.entries(list).filter(([, value]) => String(value) !== ''))
}

/** The URL of all tickets of a list, on all pages, as CSV. */
export function exportPath(teamId: string, { page: _, page_size: __, ...list }: TicketListQuery): string {
  return `/api/teams/${teamId}/export/tickets.csv?${queryString(list)}`
}

/** The query of the counts route: the same filters without the status. */
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

/** Whether a list has filters other than the status. */
export function isNarrowed(list: TicketListQuery): boolean {
  return Object.keys(countsQuery(list)).length > 0
}

/** The server's filters and order, to apply changes that arrive while the list is shown. */
export function listRules(list: TicketListQuery, me: string, timeZone = 'UTC'): TicketListRules {
  return {
    matches: row => matches(list, row, me, timeZone),
    compare: ticketOrder(list.sort, list.order),
    isFirstPage: list.page === 1,
    pageSize: list.page_size
  }
}

// Null if the list has a search text, which only the server can match.
function matches(list: TicketListQuery, row: TicketRow, me: string, timeZone: string): boolean | null {
  const matchesFilters =
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
    (list.awaiting === '' || list.awaiting === waitsFor(row)) &&
    isBetween(row.created_at, list.created_from, list.created_to, timeZone) &&
    isBetween(row.last_activity_at, list.last_activity_from, list.last_activity_to, timeZone) &&
    isBetween(row.resolved_at, list.resolved_from, list.resolved_to, timeZone)
  return matchesFilters && list.q ? null : matchesFilters
}

/** Who has to write next; null for a finished ticket. */
function waitsFor({ awaiting_reply_since, resolved_at }: TicketRow): 'us' | 'client' | null {
  return awaiting_reply_since ? 'us' : resolved_at ? null : 'client'
}

function isAnyOf(wanted: readonly string[], value: string | null): boolean {
  return wanted.length === 0 || (value !== null && wanted.includes(value))
}

function isBetween(at: string | null, from: string, to: string, timeZone: string): boolean {
  return (!from || (at !== null && isSince(at, from, timeZone))) && (!to || (at !== null && !isSince(at, to, timeZone)))
}

function isSince(at: string, timestamp: string, timeZone: string): boolean {
  return Date.parse(at) >= (timestamp.includes('T') ? Date.parse(timestamp) : dayStart(timestamp, timeZone))
}

function parseSearchText(value: unknown): string {
  const q = text(value, /^[^\0]{1,200}$/u)
  return parseSearch(q).issues.length > 0 ? '' : q
}

/** The known values in the parameter, without duplicates, in the order of `known`. */
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

/** The values of a parameter that may be repeated. */
function parts(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter(part => typeof part === 'string')
}

function oneOf<const T extends readonly string[]>(values: T, value: unknown): T[number] | undefined {
  return values.find(candidate => candidate === value)
}

function text(value: unknown, pattern: RegExp): string {
  return typeof value === 'string' && pattern.test(value.trim()) ? value.trim() : ''
}
