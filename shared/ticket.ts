// Free of zod, because code that only shows a ticket needs no validation.
export const ticketStatuses = ['open', 'in_progress', 'waiting', 'resolved', 'closed'] as const
export const ticketPriorities = ['low', 'normal', 'high', 'urgent'] as const
export const ticketChannels = ['agent', 'portal', 'api', 'email', 'import'] as const
export const ticketSorts = [
  'created_at',
  'updated_at',
  'last_activity_at',
  'last_message_at',
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
  'snoozed_until',
  'due_at'
] as const

/** Maximum tags per ticket. */
export const maxTags = 20

export type TicketStatus = (typeof ticketStatuses)[number]
export type TicketPriority = (typeof ticketPriorities)[number]
export type TicketSort = (typeof ticketSorts)[number]

/** Agents work on the most severe tickets first. */
export const defaultSort: TicketSort = 'severity'

/** The default direction of a sort column: ascending for severity (1 is the worst), for the wake-up and due times, and for tags. */
export function naturalOrder(sort: TicketSort): 'asc' | 'desc' {
  return ['severity', 'snoozed_until', 'due_at', 'tags'].includes(sort) ? 'asc' : 'desc'
}

/** What an SLA clock measures. Here, because the search needs it before a ticket is opened. */
export const slaMetrics = ['first_response', 'next_response', 'resolution'] as const
