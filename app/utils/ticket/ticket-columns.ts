import type { TicketColumn } from '#shared/preferences'
import type { TicketSort } from '#shared/ticket'

export const columnLabels: Record<TicketColumn, string> = {
  category: 'Category',
  requester: 'Requester',
  assignee: 'Assignee',
  status: 'Status',
  due: 'Due',
  priority: 'Priority',
  severity: 'Severity',
  tags: 'Tags',
  replies: 'Replies',
  message: 'Last message',
  created: 'Created',
  updated: 'Updated'
}

/** The sort field of each column header, and the direction of its first click. */
export const columnSorts: Record<TicketColumn | 'number' | 'subject', { sort: TicketSort; first: 'asc' | 'desc' }> = {
  number: { sort: 'ticket_number', first: 'desc' },
  subject: { sort: 'subject', first: 'asc' },
  category: { sort: 'category', first: 'asc' },
  requester: { sort: 'requester_name', first: 'asc' },
  assignee: { sort: 'assignee_name', first: 'asc' },
  status: { sort: 'status', first: 'asc' },
  due: { sort: 'due_at', first: 'asc' },
  priority: { sort: 'priority', first: 'desc' },
  severity: { sort: 'severity', first: 'asc' },
  tags: { sort: 'tags', first: 'asc' },
  replies: { sort: 'reply_count', first: 'desc' },
  message: { sort: 'last_message_at', first: 'desc' },
  created: { sort: 'created_at', first: 'desc' },
  updated: { sort: 'updated_at', first: 'desc' }
}

/** Widths in rem. The subject takes the remaining width; its value is the minimum. */
export const columnWidths: Record<TicketColumn | 'select' | 'number' | 'subject', number> = {
  select: 2.5,
  number: 4.25,
  subject: 12,
  category: 6.5,
  requester: 6,
  assignee: 6.75,
  status: 8.25,
  due: 5.75,
  priority: 5.5,
  severity: 5,
  tags: 8,
  replies: 4,
  message: 7.25,
  created: 7.25,
  updated: 7.25
}
