import type { TicketPriority, TicketSort, TicketStatus } from '#shared/ticket'
import type { TicketRow } from '#shared/types/api'
import type { TicketListRules } from './ticket-list'
import { ticketPriorities, ticketSorts, ticketStatuses } from '#shared/ticket'
import { ticketOrder } from './ticket-list'

/** What narrows and orders the list, as it stands in the address bar. Empty means "any". */
export interface TicketListQuery {
  /** Any of these, in the order of the work. */
  status: TicketStatus[]
  priority: TicketPriority | ''
  category: string
  /** A member's id, "me" or "none". */
  assigned_to: string
  tag: string
  /** The instant after which a ticket was resolved. */
  resolved_from: string
  q: string
  sort: TicketSort
  order: 'asc' | 'desc'
  page: number
  page_size: 25 | 50
}

type Query = Record<string, unknown>

const defaults: TicketListQuery = { status: [], priority: '', category: '', assigned_to: '', tag: '', resolved_from: '', q: '', sort: 'created_at', order: 'desc', page: 1, page_size: 25 }

/** The list that an address names; what it does not understand it ignores. */
export function parseListQuery(query: Query): TicketListQuery {
  return {
    status: statuses(query.status),
    priority: oneOf(ticketPriorities, query.priority) ?? '',
    category: text(query.category, /^[a-z][a-z0-9_]{0,49}$/),
    assigned_to: text(query.assigned_to, /^(?:me|none|[0-9a-f-]{36})$/),
    tag: text(query.tag, /^[^,]{1,50}$/u),
    resolved_from: text(query.resolved_from, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/),
    q: text(query.q, /^[^\0]{1,200}$/u),
    sort: oneOf(ticketSorts, query.sort) ?? defaults.sort,
    order: oneOf(['asc', 'desc'] as const, query.order) ?? defaults.order,
    page: Number(text(query.page, /^[1-9]\d{0,4}$/)) || defaults.page,
    page_size: query.page_size === '50' ? 50 : 25
  }
}

/** The address of a list: only what differs from the default stands in it. */
export function addressOf(list: TicketListQuery): Record<string, string> {
  return Object.fromEntries(Object.entries(list).map(([key, value]) => [key, String(value)]).filter(([key, value]) => value !== String(defaults[key as keyof TicketListQuery])))
}

/** What the tickets route is asked. */
export function apiQuery(list: TicketListQuery): Record<string, string | number | string[]> {
  return Object.fromEntries(Object.entries(list).filter(([, value]) => String(value) !== ''))
}

/** What the counts route is asked: the same narrowing, in every status. */
export function countsQuery({ priority, category, assigned_to, tag, resolved_from, q }: TicketListQuery): Record<string, string> {
  return Object.fromEntries(Object.entries({ priority, category, assigned_to, tag, resolved_from, q }).filter(([, value]) => value !== ''))
}

/** Whether a list is narrowed by more than its status. */
export function isNarrowed(list: TicketListQuery): boolean {
  return Object.keys(countsQuery(list)).length > 0
}

/** The same narrowing and order as on the server, for changes that arrive while the list is shown. */
export function listRules(list: TicketListQuery, me: string): TicketListRules {
  return {
    matches: row => matches(list, row, me),
    compare: ticketOrder(list.sort, list.order),
    isFirstPage: list.page === 1,
    pageSize: list.page_size
  }
}

function matches(list: TicketListQuery, row: TicketRow, me: string): boolean {
  return (list.status.length === 0 || list.status.includes(row.status))
    && (!list.priority || row.priority === list.priority)
    && (!list.category || row.category === list.category)
    && (!list.tag || row.tags.includes(list.tag))
    && (!list.resolved_from || (row.resolved_at !== null && Date.parse(row.resolved_at) >= Date.parse(list.resolved_from)))
    && matchesAssignee(list.assigned_to, row.assigned_to, me)
    && matchesSearch(list.q, row)
}

function matchesAssignee(wanted: string, assignee: string | null, me: string): boolean {
  if (!wanted) return true
  if (wanted === 'none') return assignee === null
  return assignee === (wanted === 'me' ? me : wanted)
}

// As the server searches: subject, requester, or the number in any of its spellings.
function matchesSearch(q: string, row: TicketRow): boolean {
  if (!q) return true
  const number = /^#?0*(\d{1,9})$/.exec(q)?.[1]
  if (number && Number(number) === row.ticket_number) return true
  return [row.subject, row.requester_name, row.requester_email].some(text => text?.toLowerCase().includes(q.toLowerCase()))
}

// "open,in_progress", or a parameter that is repeated.
function statuses(value: unknown): TicketStatus[] {
  const wanted = (Array.isArray(value) ? value : [value]).flatMap(part => typeof part === 'string' ? part.split(',') : [])
  return ticketStatuses.filter(status => wanted.includes(status))
}

function oneOf<const T extends readonly string[]>(values: T, value: unknown): T[number] | undefined {
  return values.find(candidate => candidate === value)
}

function text(value: unknown, pattern: RegExp): string {
  return typeof value === 'string' && pattern.test(value.trim()) ? value.trim() : ''
}
