import { z } from './zod'
import { anyOf, instant, uuid, wholeNumber } from './text'

/** What happens to tickets, and what webhooks can tell. */
export const ticketEventTypes = [
  'ticket.created', 'ticket.status_changed', 'ticket.priority_changed', 'ticket.severity_changed', 'ticket.assigned', 'ticket.rerouted',
  'ticket.subject_changed', 'ticket.description_changed', 'ticket.requester_changed', 'ticket.tags_changed', 'ticket.deleted', 'ticket.rated',
  'reply.created', 'reply.deleted'
] as const

/** What happens in the team around them. */
export const teamEventTypes = [
  'tickets.exported', 'team.created', 'team.updated', 'member.added', 'member.role_changed', 'member.removed',
  'invitation.created', 'invitation.renewed', 'invitation.revoked', 'routing.created', 'routing.updated', 'routing.deleted',
  'canned_response.created', 'canned_response.updated', 'canned_response.deleted', 'view.shared', 'view.updated', 'view.unshared',
  'api_key.created', 'api_key.rotated', 'api_key.revoked',
  'webhook.created', 'webhook.updated', 'webhook.deleted', 'webhook.secret_rotated', 'webhook.disabled'
] as const

export const eventTypes = [...ticketEventTypes, ...teamEventTypes] as const

const paging = {
  page_size: wholeNumber(1, 100).default(25),
  cursor: z.string().regex(/^\d{0,15}$/, 'Not a cursor of this list').optional()
}

/** The history of a ticket. */
export const historyQuery = z.strictObject(paging)

/** What narrows the log of a team; `actor=none` is what jobs did, `ticket` an id or a number. */
export const auditQuery = z.strictObject({
  type: anyOf(z.enum(eventTypes, 'Not a type of event')).optional(),
  actor: anyOf(z.union([uuid, z.enum(['me', 'none'])], 'Not a member id, "me" or "none"')).optional(),
  ticket: z.union([uuid, wholeNumber(1, 999_999_999)], 'Not a ticket id or number').optional(),
  from: instant.optional(),
  to: instant.optional(),
  ...paging
})

export type HistoryQuery = z.output<typeof historyQuery>
export type AuditQuery = z.output<typeof auditQuery>
