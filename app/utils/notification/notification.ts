import { dayName } from '../app/day-name'
import type { Notification } from '#shared/types/api'

/** Notifications of one day of the reader's, under its name. */
export interface NotificationDay {
  name: string
  notifications: Notification[]
}

/** "3", and from a hundred on "99+"; nothing for none. */
export function unreadBadge(count: number): string | undefined {
  return count > 99 ? '99+' : count > 0 ? String(count) : undefined
}

/** Why it was told, for its icon. */
export const notificationIcons: Record<Notification['kind'], string> = {
  assigned: 'i-lucide-user-round-check',
  mentioned: 'i-lucide-at-sign',
  replied: 'i-lucide-message-square',
  resolved: 'i-lucide-circle-check',
  woken: 'i-lucide-alarm-clock',
  sla: 'i-lucide-clock-alert',
  webhook: 'i-lucide-webhook-off',
  api_key: 'i-lucide-key-round'
}

/** Who did it: "Bob Byrd", or "n8n (made by Ann Arbor) for Bob Byrd" where an API key did it for them. */
export function notificationActor({ actor, via }: Pick<Notification, 'actor' | 'via'>): string | null {
  return actor && via ? `${via} for ${actor.full_name}` : (actor?.full_name ?? null)
}

/** What happened, after the name of who did it; a job has none, and the sentence stands alone. */
export function notificationSentence({ kind, actor, reply, text }: Pick<Notification, 'kind' | 'actor' | 'reply' | 'text'>): string {
  const words = reply?.is_internal ? 'an internal note' : 'a reply'
  switch (kind) {
    case 'assigned':
      return actor ? 'assigned this to you' : 'This was assigned to you'
    case 'mentioned':
      return actor ? `mentioned you in ${words}` : `You are mentioned in ${words}`
    case 'replied':
      return actor ? `wrote ${words}` : `There is ${words}`
    case 'resolved':
      return actor ? 'resolved it' : 'It was resolved'
    case 'woken':
      return 'Snooze ended'
    case 'sla':
      return 'Its time is running out'
    case 'webhook':
      return text ?? 'A webhook was switched off'
    case 'api_key':
      return `${actor?.full_name ?? 'Somebody'} ${text ?? 'made an API key that acts as you'}`
  }
}

/** Where it leads: to the ticket, at what was written. */
export function notificationAddress({ kind, ticket, reply }: Pick<Notification, 'kind' | 'ticket' | 'reply'>): string {
  if (!ticket) return kind === 'api_key' ? '/settings/api-keys' : '/settings/webhooks'
  return `/tickets?ticket=${ticket.number}${reply ? `#reply-${reply.id}` : ''}`
}

/** Newest first as they are, by days of the reader's time zone: "Today", "Yesterday", then dates. `now` is in milliseconds. */
export function notificationDays(notifications: Notification[], now: number): NotificationDay[] {
  const days: NotificationDay[] = []
  for (const notification of notifications) {
    const name = dayName(new Date(notification.created_at), new Date(now))
    if (days.at(-1)?.name !== name) days.push({ name, notifications: [] })
    days.at(-1)!.notifications.push(notification)
  }
  return days
}
