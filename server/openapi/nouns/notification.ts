import { status } from '#shared/schemas/answer'
import { notificationKinds, preferenceKinds } from '#shared/notification'
import { notificationPreferencesPut, notificationQuery, notificationRead } from '#shared/schemas/notification'
import type { Notification, NotificationPreference, NotificationPreferences, Watch } from '#shared/types/api'
import { z } from '#shared/schemas/zod'
import { count, cursorList, id, json, moment, row, type Noun } from '../describe'
import { person } from './person'

const kind = z.enum(notificationKinds)

const notification = row<Notification>()(
  'Notification',
  'What the caller was told of an event.',
  z.object({
    id,
    kind,
    ticket: z
      .object({ id, number: z.int(), subject: z.string(), status })
      .nullable()
      .describe('Null where it is about the team as a whole; `text` says it then.'),
    actor: person.nullable().describe('Null where a job did it, or an account that is no more.'),
    via: z.string().optional().describe('The API key that acted for the actor, with its maker; absent where they did it in person.'),
    reply: z
      .object({ id, is_internal: z.boolean(), excerpt: z.string() })
      .nullable()
      .describe('What was written, where that is the event.'),
    text: z.string().nullable(),
    read_at: moment.nullable(),
    created_at: moment
  })
)

const preference = row<NotificationPreference>()(
  'NotificationPreference',
  'Where a kind of notification is shown.',
  z.object({ kind: z.enum(preferenceKinds), in_app: z.boolean(), mail: z.boolean() })
)
const preferences = row<NotificationPreferences>()(
  'NotificationPreferences',
  'What the caller wants to hear of, and how.',
  z.object({
    is_mail_configured: z.boolean().describe('Whether this server sends any mails.'),
    preferences: z.array(preference)
  })
)

const watch = row<Watch>()(
  'Watch',
  'Who follows a ticket, and whether the caller does.',
  z.object({ watching: z.boolean(), watchers: z.array(person) })
)

export const notifications: Noun = {
  name: 'Notifications',
  description: 'What a person is told of, in the app and by mail, and the tickets that they follow.',
  routes: {
    'GET /teams/[teamId]/notifications': {
      id: 'listNotifications',
      summary: 'List your notifications',
      permission: 'own.manage',
      query: notificationQuery,
      description: 'The newest first.',
      answers: { 200: cursorList(notification, 'What the caller was told.') }
    },
    'GET /teams/[teamId]/notifications/count': {
      id: 'countNotifications',
      summary: 'Count your unread notifications',
      permission: 'own.manage',
      answers: { 200: json(z.object({ unread: count }), 'How many are unread.') }
    },
    'POST /teams/[teamId]/notifications/read': {
      id: 'readNotifications',
      summary: 'Mark your notifications as read',
      description: 'Those of `ids`, those of a ticket, or all of the team without either.',
      permission: 'own.manage',
      body: notificationRead,
      answers: { 200: json(z.object({ updated: count }), 'How many were unread until now.') }
    },
    'GET /teams/[teamId]/notification-preferences': {
      id: 'getNotificationPreferences',
      summary: 'Read your notification preferences',
      permission: 'own.manage',
      answers: { 200: json(preferences, 'Each kind that the caller may be told of.') }
    },
    'PUT /teams/[teamId]/notification-preferences': {
      id: 'setNotificationPreferences',
      summary: 'Change your notification preferences',
      description: 'Kinds that are not given stay as they are.',
      permission: 'own.manage',
      body: notificationPreferencesPut,
      answers: { 200: json(preferences, 'The preferences as they are now.') }
    },
    'GET /teams/[teamId]/tickets/[ticketId]/watch': {
      id: 'getWatch',
      summary: 'See who follows a ticket',
      permission: 'tickets.view',
      answers: { 200: json(watch, 'Who follows it.') }
    },
    'PUT /teams/[teamId]/tickets/[ticketId]/watch': {
      id: 'watchTicket',
      summary: 'Follow a ticket',
      permission: 'own.manage',
      answers: { 200: json(watch, 'The caller among those who follow it.') }
    },
    'DELETE /teams/[teamId]/tickets/[ticketId]/watch': {
      id: 'unwatchTicket',
      summary: 'Follow a ticket no longer',
      permission: 'own.manage',
      answers: { 200: json(watch, 'Who still follows it.') }
    }
  }
}
