// Without the schema, and so without zod: what only asks for a bulk change needs no validation.
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

/** What each action is given. */
export interface BulkValues {
  /** A member's id; null takes the tickets from whoever has them. */
  reassign: string | null
  close: null
  set_status: TicketStatus
  set_severity: number
  set_priority: TicketPriority
  /** A whole path: what is left out below the category is nothing. */
  set_category: string | { category: string; type_id?: string | null; item_id?: string | null }
  /** A moment in ISO 8601; null wakes them. */
  snooze: string | null
  add_tag: string
  remove_tag: string
  delete: null
}

/** Beyond these, a change is made by a job, in steps of as many tickets. */
export const bulkStep = 200
/** Tickets that a request may name, and that a filter may find. */
export const bulkLimits = { ids: 10_000, tickets: 50_000 }
