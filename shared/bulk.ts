// Free of zod, because the code that only requests a bulk operation needs no validation.
import type { TicketPriority, TicketStatus } from './ticket'

export const bulkActions = [
  'reassign',
  'close',
  'set_status',
  'set_severity',
  'set_priority',
  'set_category',
  'snooze',
  'add_tag',
  'remove_tag',
  'delete'
] as const

export type BulkAction = (typeof bulkActions)[number]

/** The value of each action. */
export interface BulkValues {
  /** A member's id; null unassigns the tickets. */
  reassign: string | null
  close: null
  set_status: TicketStatus
  set_severity: number
  set_priority: TicketPriority
  /** A whole path: an absent type or item is cleared. */
  set_category: string | { category: string; type_id?: string | null; item_id?: string | null }
  /** An instant in ISO 8601; null wakes the tickets. */
  snooze: string | null
  add_tag: string
  remove_tag: string
  delete: null
}

/** Tickets per step. A job makes changes of more tickets, step by step. */
export const bulkStep = 200
/** Maximum tickets by ids, and by a filter. */
export const bulkLimits = { ids: 10_000, tickets: 50_000 }
