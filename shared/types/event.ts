import type { TicketPriority, TicketStatus } from '../ticket'
import type { eventTypes } from '../event'
import type { Role } from '../permissions'
import type { TextFormat } from '../text-format'
import type { Mention } from './api'

export type TicketEventType = typeof eventTypes[number]

/** A person as an event remembers them; the name is null where the account was gone already. */
export interface PersonReference { id: string, full_name: string | null }

/** Where a ticket was routed to, with the names of that moment. */
export interface RoutingPath { category: string, category_name: string | null, type_id: string | null, type_name: string | null, item_id: string | null, item_name: string | null }

interface Change<T> { from: T, to: T }
interface TicketReference { number: number, subject: string }

/** How a ticket began, with the tags that it was created with. */
export interface TicketBirth extends TicketReference {
  status: TicketStatus
  priority: TicketPriority
  severity: number
  path: RoutingPath
  requester: { name: string | null, email: string | null }
  assigned_to: PersonReference | null
  tags: string[]
}

/** `path` holds the names from the category down. Of a deletion, how many types and items went with it. */
export interface RoutingReference { kind: 'category' | 'type' | 'item', path: string[], /** Of a category: what clients read; null: they are not offered it. */ portal_name?: string | null, types?: number, items?: number }
/** Beside the title what changed; of a deleted one all that it had. */
export interface CannedResponseReference { title: string, category?: string | null, content?: string }
/** Of a change, the filters only where they changed. */
export interface ViewReference { name: string, filters?: Record<string, unknown> }
export interface ApiKeyReference { name: string, prefix: string, member: PersonReference, scopes: string[] }
export interface WebhookReference { name: string, url: string, events: string[], is_active: boolean }

/** What an event says of the state before and after, by its type. */
interface Payloads {
  'ticket.created': { from: null, to: TicketBirth }
  'ticket.status_changed': Change<TicketStatus>
  'ticket.priority_changed': Change<TicketPriority>
  'ticket.severity_changed': Change<number>
  'ticket.assigned': Change<PersonReference | null>
  'ticket.rerouted': Change<RoutingPath>
  /** Until when it is put away; null: it is not. */
  'ticket.snoozed': Change<string | null>
  'ticket.subject_changed': Change<string>
  'ticket.description_changed': Change<null>
  'ticket.requester_changed': Change<{ name: string | null, email: string | null }>
  'ticket.tags_changed': Change<string[]>
  'ticket.deleted': { from: TicketReference, to: null }
  'reply.created': { from: null, to: { id: string, is_internal: boolean, /** With `mentions` absent where it is deleted: then its deletion has them. */ content?: string, mentions?: Mention[] } }
  'reply.deleted': { from: { id: string, is_internal: boolean, author: Omit<PersonReference, 'id'> & { id: string | null }, content: string, format: TextFormat, mentions: Mention[] }, to: null }
  'ticket.rated': Change<{ score: number, comment: string | null } | null>
  /** The filters, as the export was asked for. */
  'tickets.exported': { from: null, to: Record<string, unknown> }
  'audit.exported': { from: null, to: Record<string, unknown> }
  /** With its default categories and its first owner, whose events are none of their own. */
  'team.created': { from: null, to: { name: string } }
  /** Of the settings those that changed. */
  'team.updated': Change<Record<string, string | number | boolean>>
  'member.added': { from: null, to: { member: PersonReference, role: Role } }
  'member.role_changed': { from: { member: PersonReference, role: Role }, to: { member: PersonReference, role: Role } }
  'member.removed': { from: { member: PersonReference, role: Role }, to: null }
  'invitation.created': { from: null, to: { email: string, role: Role } }
  'invitation.renewed': { from: { email: string, role: Role }, to: { email: string, role: Role } }
  'invitation.revoked': { from: { email: string, role: Role }, to: null }
  'routing.created': { from: null, to: RoutingReference }
  'routing.updated': Change<RoutingReference>
  'routing.deleted': { from: RoutingReference, to: null }
  'canned_response.created': { from: null, to: { title: string } }
  'canned_response.updated': Change<CannedResponseReference>
  'canned_response.deleted': { from: CannedResponseReference, to: null }
  'view.shared': { from: null, to: ViewReference }
  'view.updated': Change<ViewReference>
  'view.unshared': { from: ViewReference, to: null }
  'api_key.created': { from: null, to: ApiKeyReference }
  'api_key.rotated': Change<ApiKeyReference>
  'api_key.revoked': { from: ApiKeyReference, to: null }
  'webhook.created': { from: null, to: WebhookReference }
  'webhook.updated': Change<WebhookReference>
  'webhook.deleted': { from: WebhookReference, to: null }
  'webhook.secret_rotated': { from: null, to: { name: string } }
  'webhook.disabled': { from: null, to: { id: string, name: string, reason: string } }
}

/** Who did it: a member, or an API key that acted for one. */
export interface EventActor {
  id: string
  name: string
  /** Absent where the member did it in person. The name is null where the key was being revoked in that moment. */
  api_key?: { id: string, name: string | null, /** Who was shown the key; null where the account is gone. */ created_by: PersonReference | null }
}

interface EventOf<T extends TicketEventType> {
  id: number
  type: T
  /** Null, like the number, for what happened to the team as a whole. */
  ticket_id: string | null
  ticket_number: number | null
  /** It cannot be opened any more. */
  is_ticket_deleted: boolean
  /** Null where no member did it: a job, or a client who rates. */
  actor: EventActor | null
  channel: 'ui' | 'api' | 'job' | 'import' | 'portal'
  from: Payloads[T]['from']
  to: Payloads[T]['to']
  created_at: string
}

export type TicketEvent = { [T in TicketEventType]: EventOf<T> }[TicketEventType]
