// Free of zod, because code that only shows a list needs no validation.
/** The columns of the ticket list that a person may hide; number and subject are always visible. */
export const ticketColumns = [
  'category',
  'requester',
  'assignee',
  'status',
  'due',
  'priority',
  'severity',
  'tags',
  'replies',
  'message',
  'created',
  'updated'
] as const

export type TicketColumn = (typeof ticketColumns)[number]

export interface Preferences {
  density: 'comfortable' | 'compact'
  columns: TicketColumn[]
  shortcuts: boolean
}

export const defaultPreferences: Preferences = {
  density: 'comfortable',
  columns: ['category', 'requester', 'assignee', 'status', 'due', 'priority', 'severity', 'replies', 'created'],
  shortcuts: true
}
