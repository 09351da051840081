import type { Role } from '../permissions'
import type { TicketPriority, TicketStatus } from '../schemas/ticket'

/** A person as others see them: never an e-mail address. */
export interface Person { id: string, full_name: string, avatar_url: string | null }

export interface Profile extends Person { email: string, last_team_id: string | null, created_at: string }

export interface Team {
  id: string
  name: string
  slug: string
  time_zone: string
  auto_close_days: number
  created_at: string
  /** The caller's role. */
  role: Role
  /** The private channel that carries this team's changes; it changes when a member is removed. */
  realtime_topic: string
}

/** `email` is null for callers without `members.view_emails`. */
export interface Member extends Person { role: Role, email: string | null, joined_at: string }

export interface Invitation { id: string, email: string, role: Role, invited_by: string | null, created_at: string, expires_at: string }

export interface InvitationPreview { team_name: string, email: string, role: Role, invited_by: string | null, expires_at: string }

export interface TicketRow {
  id: string
  team_id: string
  ticket_number: number
  subject: string
  /** The first 280 characters of the description. */
  excerpt: string
  status: TicketStatus
  priority: TicketPriority
  severity: number
  category: string
  channel: string
  assigned_to: string | null
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
  assignee: Person | null
  assignee_name: string | null
  tags: string[]
}

/** A ticket as routes answer it; realtime sends the same row without the description. */
export interface Ticket extends TicketRow { description: string }

export type TicketCounts = Record<TicketStatus, number>

export interface Page<T> { data: T[], total: number, page: number, page_size: number }
export interface CursorPage<T> { data: T[], next_cursor: string | null }

export interface Reply {
  id: string
  team_id: string
  ticket_id: string
  user_id: string
  content: string
  is_internal: boolean
  created_at: string
  author: Person
  author_name: string
}

/** What the caller has written in a ticket and not sent. Routes answer 204 where there is none. */
export interface ReplyDraft {
  ticket_id: string
  content: string
  is_internal: boolean
  /** Another with every change: what `PUT` compares. */
  version: string
  updated_at: string
}

/** A ticket in which the caller has a draft. */
export interface DraftedTicket { ticket_id: string, ticket_number: number, updated_at: string }

export interface CannedResponse {
  id: string
  team_id: string
  title: string
  content: string
  category: string | null
  created_by: string
  created_at: string
  updated_at: string
}

export interface Category { id: string, key: string, name: string, portal_name: string | null }

export interface Issue { path: string, message: string }

/** The body of every error answer. */
export interface ApiError { statusCode: number, statusMessage: string, message: string, data: { code: string, issues?: Issue[], [key: string]: unknown } }
