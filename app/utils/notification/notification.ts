import { dayName } from '../app/day-name'
import type { Notification } from '#shared/types/api'

/** Notifications of one day in the reader's time zone. */
export interface NotificationDay {
  name: string
  notifications: Notification[]
}

/** "3", from 100 on "99+"; undefined for 0. */
export function unreadBadge(count: number): string | undefined {
  return count > 99 ? '99+' : count > 0 ? String(count) : undefined
}

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

/** "Bob Byrd", or "n8n (made by Ann Arbor) for Bob Byrd" for an API key. */
export function notificationActor({ actor, via }: Pick<Notification, 'actor' | 'via'>): string | null {
  return actor && via ? `${via} for ${actor.full_name}` : (actor?.full_name ?? null)
}

/** The sentence after the actor's name; a complete sentence if a job did it. */
export function notificationSentence({ kind, actor, reply, text }: Pick<Notification, 'kind' | 'actor' | 'reply' | 'text'>): string {
  const words = reply?.is_internal ? 'an internal note' : 'a reply'
  switch (kind) {
    case 'assigned':
      return actor ? 'assigned this to you' : 'This was assigned to you'
    case 'mentioned':
      return actor ? `mentioned you in ${words}` : `You were mentioned in ${words}`
    case 'replied':
      return actor ? `wrote ${words}` : `Somebody wrote ${words}`
    case 'resolved':
      return actor ? 'resolved it' : 'It was resolved'
    case 'woken':
      return 'Snooze ended'
    case 'sla':
      return text ?? 'An SLA time is running out'
    case 'webhook':
      return text ?? 'A webhook was switched off'
    case 'api_key':
      return `${actor?.full_name ?? 'Somebody'} ${text ?? 'made an API key that acts as you'}`
  }
}

/** The target of the link: the ticket, at the reply if there is one. */
export function notificationAddress({ kind, ticket, reply }: Pick<Notification, 'kind' | 'ticket' | 'reply'>): string {
  if (!ticket) return kind === 'api_key' ? '/settings/api-keys' : '/settings/webhooks'
  return `/tickets?ticket=${ticket.number}${reply ? `#reply-${reply.id}` : ''}`
}

/** Groups notifications by day ("Today", "Yesterday", then dates) and keeps their order. `now` is in milliseconds. */
export function notificationDays(notifications: Notification[], now: number): NotificationDay[] {
  const days: NotificationDay[] = []
  for (const notification of notifications) {
    const name = dayName(new Date(notification.created_at), new Date(now))
    if (days.at(-1)?.name !== name) days.push({ name, notifications: [] })
    days.at(-1)!.notifications.push(notification)
  }
  return days
}
