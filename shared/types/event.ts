import type { TicketPriority, TicketStatus } from '../schemas/ticket'
import type { ticketEventTypes } from '../schemas/audit'

export type TicketEventType = typeof ticketEventTypes[number]

/** A person as an event remembers them; the name is null where the account was gone already. */
export interface PersonReference { id: string, full_name: string | null }

/** Where a ticket was routed to, with the names of that moment. */
export interface RoutingPath { category: string, category_name: string | null, type_id: string | null, type_name: string | null, item_id: string | null, item_name: string | null }

interface Change<T> { from: T, to: T }
interface TicketReference { number: number, subject: string }

/** What an event says of the state before and after, by its type. */
interface Payloads {
  'ticket.created': { from: null, to: TicketReference }
  'ticket.status_changed': Change<TicketStatus>
  'ticket.priority_changed': Change<TicketPriority>
  'ticket.severity_changed': Change<number>
  'ticket.assigned': Change<PersonReference | null>
  'ticket.rerouted': Change<RoutingPath>
  'ticket.subject_changed': Change<string>
  'ticket.description_changed': Change<null>
  'ticket.requester_changed': Change<{ name: string | null, email: string | null }>
  'ticket.tags_changed': Change<string[]>
  'ticket.deleted': { from: TicketReference, to: null }
  'reply.created': { from: null, to: { id: string, is_internal: boolean } }
  'reply.deleted': { from: { id: string, is_internal: boolean, author: PersonReference, content: string }, to: null }
  /** The filters, as the export was asked for. */
  'tickets.exported': { from: null, to: Record<string, unknown> }
}

interface EventOf<T extends TicketEventType> {
  id: number
  type: T
  /** Null, like the number, for what happened to the team as a whole. */
  ticket_id: string | null
  ticket_number: number | null
  /** Null where a job did it. */
  actor: { id: string, name: string } | null
  channel: 'ui' | 'api' | 'job' | 'import' | 'portal'
  from: Payloads[T]['from']
  to: Payloads[T]['to']
  created_at: string
}

export type TicketEvent = { [T in TicketEventType]: EventOf<T> }[TicketEventType]
