import { describe, expect, test } from 'vitest'
import type { Notification } from '#shared/types/api'
import { notificationAddress, notificationDays, notificationSentence, unreadBadge } from '~/utils/notification/notification'

const ann = { id: 'a', full_name: 'Ann Arbor', avatar_url: null }
const ticket = { id: 't', number: 12, subject: 'VPN', status: 'open' as const }
const notification = (fields: Partial<Notification>): Notification => ({
  id: 'n',
  kind: 'assigned',
  ticket,
  actor: ann,
  reply: null,
  text: null,
  read_at: null,
  created_at: '2026-11-21T10:00:00Z',
  ...fields
})

test('the unread badge counts up to 99, and is absent at 0', () => {
  expect([-1, 0, 1, 99, 100, 12_345].map(unreadBadge)).toEqual([undefined, undefined, '1', '99', '99+', '99+'])
})

describe('a notification', () => {
  const reply = { id: 'r', is_internal: false, excerpt: 'Hello' }
  const note = { ...reply, is_internal: true }
  test.each([
    [{ kind: 'assigned' }, 'assigned this to you'],
    [{ kind: 'assigned', actor: null }, 'This was assigned to you'],
    [{ kind: 'mentioned', reply }, 'mentioned you in a reply'],
    [{ kind: 'mentioned', reply: note }, 'mentioned you in an internal note'],
    [{ kind: 'replied', reply }, 'wrote a reply'],
    [{ kind: 'replied', reply: note, actor: null }, 'Somebody wrote an internal note'],
    [{ kind: 'resolved' }, 'resolved it'],
    [{ kind: 'resolved', actor: null }, 'It was resolved'],
    [{ kind: 'woken', actor: null }, 'Snooze ended'],
    [
      { kind: 'webhook', ticket: null, actor: null, text: 'Webhook "CRM" was switched off: timeout' },
      'Webhook "CRM" was switched off: timeout'
    ]
  ] as [Partial<Notification>, string][])('the sentence describes %j', (fields, sentence) => {
    expect(notificationSentence(notification(fields))).toBe(sentence)
  })

  test('a notification links to its ticket and reply, or without a ticket to the webhooks', () => {
    expect(notificationAddress(notification({}))).toBe('/tickets?ticket=12')
    expect(notificationAddress(notification({ kind: 'woken', actor: null }))).toBe('/tickets?ticket=12')
    expect(notificationAddress(notification({ reply }))).toBe('/tickets?ticket=12#reply-r')
    expect(notificationAddress(notification({ ticket: null }))).toBe('/settings/webhooks')
  })
})

test('notifications are grouped by days of the reader’s time zone, in the order of the list', () => {
  const at = (day: number, hour: number, year = 2026) =>
    notification({ id: `${day}-${hour}`, created_at: new Date(year, 10, day, hour).toISOString() })
  const days = notificationDays([at(21, 9), at(21, 0), at(20, 23), at(19, 12), at(19, 12, 2025)], new Date(2026, 10, 21, 10).getTime())
  expect(days.map(({ notifications }) => notifications.map(({ id }) => id))).toEqual([['21-9', '21-0'], ['20-23'], ['19-12'], ['19-12']])
  expect(days.slice(0, 2).map(({ name }) => name)).toEqual(['Today', 'Yesterday'])
  expect(days[2]!.name).not.toContain('2026')
  expect(days[3]!.name).toContain('2025')
  expect(notificationDays([], 0)).toEqual([])
})
