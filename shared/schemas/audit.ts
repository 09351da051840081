import { z } from './zod'
import { anyOf, instant, uuid, wholeNumber } from './text'

export const ticketEventTypes = [
  'ticket.created', 'ticket.status_changed', 'ticket.priority_changed', 'ticket.severity_changed', 'ticket.assigned', 'ticket.rerouted',
  'ticket.subject_changed', 'ticket.description_changed', 'ticket.requester_changed', 'ticket.tags_changed', 'ticket.deleted',
  'reply.created', 'reply.deleted', 'tickets.exported'
] as const

const paging = {
  page_size: wholeNumber(1, 100).default(25),
  cursor: z.string().regex(/^\d{0,15}$/, 'Not a cursor of this list').optional()
}

/** The history of a ticket. */
export const historyQuery = z.strictObject(paging)

/** What narrows the log of a team; `actor=none` is what jobs did, `ticket` an id or a number. */
export const auditQuery = z.strictObject({
  type: anyOf(z.enum(ticketEventTypes, 'Not a type of event')).optional(),
  actor: anyOf(z.union([uuid, z.enum(['me', 'none'])], 'Not a member id, "me" or "none"')).optional(),
  ticket: z.union([uuid, wholeNumber(1, 999_999_999)], 'Not a ticket id or number').optional(),
  from: instant.optional(),
  to: instant.optional(),
  ...paging
})

export type HistoryQuery = z.output<typeof historyQuery>
export type AuditQuery = z.output<typeof auditQuery>
