import type { BulkAction } from '#shared/bulk'
import type { Permission } from '#shared/permissions'

/** The properties that can be changed from the ticket list, for one ticket or many. */
export type TicketProperty = 'assignee' | 'status' | 'priority' | 'severity' | 'category' | 'snooze' | 'tags' | 'untag'

export interface PropertyDisplay {
  action: BulkAction
  label: string
  prompt: string
  icon: string
  key?: string
  permission: Permission
}

export const propertyDisplay: Record<TicketProperty, PropertyDisplay> = {
  assignee: {
    action: 'reassign',
    label: 'Assign',
    prompt: 'Assign to…',
    icon: 'i-lucide-user-round-plus',
    key: 'a',
    permission: 'tickets.assign'
  },
  status: {
    action: 'set_status',
    label: 'Status',
    prompt: 'Change status to…',
    icon: 'i-lucide-circle-dot',
    key: 's',
    permission: 'tickets.update'
  },
  priority: {
    action: 'set_priority',
    label: 'Priority',
    prompt: 'Change priority to…',
    icon: 'i-lucide-signal-high',
    key: 'p',
    permission: 'tickets.update'
  },
  severity: {
    action: 'set_severity',
    label: 'Severity',
    prompt: 'Change severity to…',
    icon: 'i-lucide-gauge',
    permission: 'tickets.update'
  },
  category: {
    action: 'set_category',
    label: 'Category',
    prompt: 'File under…',
    icon: 'i-lucide-folder-tree',
    permission: 'tickets.update'
  },
  snooze: {
    action: 'snooze',
    label: 'Snooze',
    prompt: 'Until when? “fri 3pm”, “in 2 days”…',
    icon: 'i-lucide-alarm-clock',
    key: 'h',
    permission: 'tickets.update'
  },
  tags: {
    action: 'add_tag',
    label: 'Add tag',
    prompt: 'Find or enter a tag…',
    icon: 'i-lucide-tag',
    key: 'l',
    permission: 'tickets.update'
  },
  untag: { action: 'remove_tag', label: 'Remove tag', prompt: 'Find or enter a tag…', icon: 'i-lucide-tags', permission: 'tickets.update' }
}
