// Without the schemas, and so without zod: what only shows a ticket needs no validation.
export const ticketStatuses = ['open', 'in_progress', 'waiting', 'resolved', 'closed'] as const
export const ticketPriorities = ['low', 'normal', 'high', 'urgent'] as const
export const ticketChannels = ['agent', 'portal', 'api', 'email', 'import'] as const
export const ticketSorts = [
  'created_at',
  'updated_at',
  'last_activity_at',
  'ticket_number',
  'severity',
  'priority',
  'status',
  'subject',
  'category',
  'requester_name',
  'assignee_name',
  'reply_count',
  'tags',
  'snoozed_until'
] as const

/** How many tags a ticket can have. */
export const maxTags = 20

export type TicketStatus = (typeof ticketStatuses)[number]
export type TicketPriority = (typeof ticketPriorities)[number]
export type TicketSort = (typeof ticketSorts)[number]

/** Agents work on the worst first. */
export const defaultSort: TicketSort = 'severity'

/** The order that a column is sorted in when none is asked for: severity 1 is the worst, and comes first; so do what wakes up first and the first tag. */
export function naturalOrder(sort: TicketSort): 'asc' | 'desc' {
  return sort === 'severity' || sort === 'snoozed_until' || sort === 'tags' ? 'asc' : 'desc'
}
