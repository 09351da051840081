import type { Permission } from './permissions'

/** Kinds that members can switch off. */
export const preferenceKinds = ['mentioned', 'assigned', 'replied', 'resolved', 'woken', 'sla', 'webhook'] as const

export type PreferenceKind = (typeof preferenceKinds)[number]

/**
 * Why somebody is notified of an event, the most personal reason first: if several apply, they get one notification, of the first.
 * The database has the same kinds; a test compares them. `api_key` cannot be switched off: it concerns keys that act as the person.
 */
export const notificationKinds = [...preferenceKinds, 'api_key'] as const

export type NotificationKind = (typeof notificationKinds)[number]

/** The kinds in use, with their labels in the settings. With `permission`, only members who have it are notified. */
export const notificationTexts: Partial<Record<PreferenceKind, { label: string; description: string; permission?: Permission }>> = {
  assigned: { label: 'Assigned to me', description: 'A ticket is assigned to you' },
  mentioned: { label: 'Mentions', description: 'Somebody writes @ and your name in a reply or an internal note' },
  replied: { label: 'Replies', description: 'Somebody writes in a ticket that is yours, that you created or that you follow' },
  resolved: { label: 'Resolved', description: 'A ticket that is yours, that you created or that you follow is resolved' },
  woken: {
    label: 'Snooze ended',
    description: 'A snoozed ticket wakes up that is yours, that you follow, or that you snoozed while it has no assignee'
  },
  sla: {
    label: 'SLA times',
    description:
      'An SLA time of your ticket is running out or over; of a ticket without an assignee, if you may assign it; of another ticket, if an escalation names you'
  },
  webhook: {
    label: 'Webhooks',
    description: 'A webhook of the team was switched off because it kept failing',
    permission: 'webhooks.manage'
  }
}
