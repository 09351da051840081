import type { Person } from '../schemas/answers/person'
import type { TextFormat } from '../text-format'
import type { TicketPriority, TicketStatus } from '../ticket'

// The types of the API's answers. Their schemas are not for browsers: zod and descriptions would come with them.
export type { Mention } from '../schemas/answer'
export type * from '../schemas/answers/api-key'
export type * from '../schemas/answers/bulk'
export type * from '../schemas/answers/canned-response'
export type * from '../schemas/answers/error'
export type * from '../schemas/answers/invitation'
export type * from '../schemas/answers/job'
export type * from '../schemas/answers/mail'
export type * from '../schemas/answers/member'
export type * from '../schemas/answers/notification'
export type * from '../schemas/answers/page'
export type * from '../schemas/answers/person'
export type * from '../schemas/answers/profile'
export type * from '../schemas/answers/rating'
export type * from '../schemas/answers/reply'
export type * from '../schemas/answers/reply-draft'
export type * from '../schemas/answers/report'
export type * from '../schemas/answers/routing'
export type * from '../schemas/answers/saved-view'
export type * from '../schemas/answers/search'
export type * from '../schemas/answers/team'
export type * from '../schemas/answers/ticket'
export type * from '../schemas/answers/webhook'

export interface TicketRow {
  id: string
  team_id: string
  ticket_number: number
  subject: string
  /** The first 280 characters of the description. */
  excerpt: string
  /** How the description is to be read. */
  format: TextFormat
  status: TicketStatus
  priority: TicketPriority
  severity: number
  category: string
  /** A type of the category, and an item of the type. */
  type_id: string | null
  item_id: string | null
  category_name: string
  type_name: string | null
  item_name: string | null
  channel: string
  assigned_to: string | null
  /** Put away until this time, or until something new happens in it, by somebody who may have left since; null: it is not. */
  snoozed_until: string | null
  snoozed_by: string | null
  requester_email: string | null
  requester_name: string | null
  resolved_at: string | null
  closed_at: string | null
  first_response_at: string | null
  last_activity_at: string
  created_by: string
  created_at: string
  updated_at: string
  reply_count: number
  version: number
  created_by_name: string | null
  assignee: Person | null
  assignee_name: string | null
  tags: string[]
}

/** A ticket as routes answer it; realtime sends the same row without the description. */
export interface Ticket extends TicketRow {
  description: string
}
