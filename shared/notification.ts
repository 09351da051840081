import type { Permission } from './permissions'

/** Kinds that somebody may switch off. */
export const preferenceKinds = ['mentioned', 'assigned', 'replied', 'resolved', 'woken', 'sla', 'webhook'] as const

export type PreferenceKind = (typeof preferenceKinds)[number]

/**
 * Why somebody is told of an event, the most personal first: who is concerned in several ways is told once, in the first.
 * The database knows the same kinds; a test compares. Nobody switches off what concerns the keys that act as them.
 */
export const notificationKinds = [...preferenceKinds, 'api_key'] as const

export type NotificationKind = (typeof notificationKinds)[number]

/** Kinds that happen in this version, with what the settings say of them; a permission where not every member is told. */
export const notificationTexts: Partial<Record<PreferenceKind, { label: string; description: string; permission?: Permission }>> = {
  assigned: { label: 'Assigned to me', description: 'A ticket is given to you' },
  mentioned: { label: 'Mentions', description: 'Somebody writes @ and your name in a reply or an internal note' },
  replied: { label: 'Replies', description: 'Somebody writes in a ticket that is yours, that you created or that you follow' },
  resolved: { label: 'Resolved', description: 'A ticket that is yours, that you created or that you follow is resolved' },
  woken: {
    label: 'Snooze ended',
    description: 'A ticket wakes at its time: it is yours, you follow it, or you snoozed it and nobody is assigned'
  },
  webhook: {
    label: 'Webhooks',
    description: 'A webhook of the team is switched off because it keeps failing',
    permission: 'webhooks.manage'
  }
}
