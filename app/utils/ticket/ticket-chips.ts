import type { Category, Member, TicketItem, TicketType } from '#shared/types/api'
import type { TicketListFilter, TicketListQuery } from './ticket-query'
import { priorityDisplay, severityDisplay, statusDisplay } from './ticket'
import { serverNow } from '../app/server-time'

/** An active filter in words; `clear` is the patch that removes it. */
export interface FilterChip {
  key: string
  label: string
  clear: Partial<TicketListQuery>
}

/** The rows that give filter values their names. */
export interface FilterNames {
  members: Member[]
  categories: Category[]
  types: TicketType[]
  items: TicketItem[]
}

const spans = { created: 'Created', last_activity: 'Last activity', resolved: 'Resolved' } as const

/** The active filters of a list, in the order of the filter form, without the search text, which the search box shows. */
export function filterChips(query: TicketListFilter, { members, categories, types, items }: FilterNames): FilterChip[] {
  const person = (value: string) =>
    value === 'me' ? 'Me' : value === 'none' ? 'Unassigned' : (byId(members, value)?.full_name ?? unknown(members, 'Former member'))
  const category = (key: string) => categories.find(known => known.key === key)?.name ?? key
  return [
    ...severalChip(
      'status',
      'Status',
      query.status.map(status => statusDisplay[status].label)
    ),
    ...severalChip(
      'priority',
      'Priority',
      query.priority.map(priority => priorityDisplay[priority].label)
    ),
    ...severalChip(
      'severity',
      'Severity',
      query.severity.map(value => severityDisplay(Number(value)).label)
    ),
    ...severalChip('category', 'Category', query.category.map(category)),
    ...severalChip(
      'type_id',
      'Type',
      query.type_id.map(id => byId(types, id)?.name ?? unknown(types, 'Deleted type'))
    ),
    ...severalChip(
      'item_id',
      'Item',
      query.item_id.map(id => byId(items, id)?.name ?? unknown(items, 'Deleted item'))
    ),
    ...severalChip('assigned_to', 'Assignee', query.assigned_to.map(person)),
    ...severalChip('created_by', 'Author', query.created_by.map(person)),
    ...severalChip('tag', 'Tag', query.tag),
    ...singleChip('snoozed', query.snoozed, { true: 'Snoozed', false: 'Not snoozed' }),
    ...singleChip('unread', query.unread, { true: 'Unread', false: 'Read' }),
    ...singleChip('awaiting', query.awaiting, { us: 'Waiting for us', client: 'Waiting for the client' }),
    ...(Object.entries(spans) as [keyof typeof spans, string][]).flatMap(([key, name]) =>
      span(key, name, query[`${key}_from`], query[`${key}_to`])
    )
  ]
}

function byId<T extends { id: string }>(list: T[], id: string): T | undefined {
  return list.find(known => known.id === id)
}

// An empty list is still loading.
function unknown(list: unknown[], word: string): string {
  return list.length > 0 ? word : '…'
}

function severalChip(
  key: 'status' | 'priority' | 'severity' | 'category' | 'type_id' | 'item_id' | 'assigned_to' | 'created_by' | 'tag',
  name: string,
  values: string[]
): FilterChip[] {
  return values.length > 0 ? [{ key, label: `${name}: ${values.join(', ')}`, clear: { [key]: [] } }] : []
}

function singleChip<Value extends string>(
  key: 'snoozed' | 'unread' | 'awaiting',
  value: Value | '',
  labels: Record<Value, string>
): FilterChip[] {
  return value === '' ? [] : [{ key, label: labels[value], clear: { [key]: '' } }]
}

function span(key: keyof typeof spans, name: string, from: string, to: string): FilterChip[] {
  if (!from && !to) return []
  const label = from && to ? `${day(from)} – ${day(lastDay(to))}` : from ? `since ${day(from)}` : `until ${day(lastDay(to))}`
  return [{ key, label: `${name} ${label}`, clear: { [`${key}_from`]: '', [`${key}_to`]: '' } }]
}

function day(timestamp: string): string {
  const [year, month, date] = timestamp.split('T')[0]!.split('-').map(Number) as [number, number, number]
  const at = timestamp.includes('T') ? new Date(timestamp) : new Date(year, month - 1, date)
  return new Intl.DateTimeFormat(undefined, {
    day: 'numeric',
    month: 'short',
    year: at.getFullYear() === new Date(serverNow()).getFullYear() ? undefined : 'numeric'
  }).format(at)
}

/** Converts the exclusive end of a range to its last day. */
export function lastDay(to: string): string {
  return to.includes('T') ? to : shiftDay(to, -1)
}

/** "2026-01-31", 1 → "2026-02-01". Empty stays empty. */
export function shiftDay(day: string, days: number): string {
  if (!day) return ''
  const at = new Date(`${day}T00:00:00Z`)
  at.setUTCDate(at.getUTCDate() + days)
  return at.toISOString().slice(0, 10)
}
