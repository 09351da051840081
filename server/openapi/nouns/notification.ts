import { followers, notification, notificationPreferences } from '#shared/schemas/answers/notification'
import { notificationPreferencesPut, notificationQuery, notificationRead } from '#shared/schemas/notification'
import { z } from '#shared/schemas/zod'
import { count, cursorList, json, type Noun } from '../describe'

export const notifications: Noun = {
  name: 'Notifications',
  description: 'Notifications in the app and by mail, and the tickets that a person follows.',
  routes: {
    'GET /teams/[teamId]/notifications': {
      id: 'listNotifications',
      summary: 'List your notifications',
      permission: 'own.manage',
      query: notificationQuery,
      description: 'The newest notification comes first.',
      answers: { 200: cursorList(notification, 'The notifications.') }
    },
    'GET /teams/[teamId]/notifications/count': {
      id: 'countNotifications',
      summary: 'Count your unread notifications',
      permission: 'own.manage',
      answers: { 200: json(z.object({ unread: count }), 'The number of unread notifications.') }
    },
    'POST /teams/[teamId]/notifications/read': {
      id: 'readNotifications',
      summary: 'Mark your notifications as read',
      description: 'Marks the notifications in `ids`, those of a ticket, or, without either, all in the team.',
      permission: 'own.manage',
      body: notificationRead,
      answers: { 200: json(z.object({ updated: count }), 'How many of them were unread.') }
    },
    'GET /teams/[teamId]/notification-preferences': {
      id: 'getNotificationPreferences',
      summary: 'Read your notification preferences',
      permission: 'own.manage',
      answers: { 200: json(notificationPreferences, 'The preference for each kind of notification that the caller can get.') }
    },
    'PUT /teams/[teamId]/notification-preferences': {
      id: 'setNotificationPreferences',
      summary: 'Change your notification preferences',
      description: 'Kinds that are not in the body stay as they are.',
      permission: 'own.manage',
      body: notificationPreferencesPut,
      answers: { 200: json(notificationPreferences, 'The preferences as they are now.') }
    },
    'GET /teams/[teamId]/tickets/[ticketId]/watch': {
      id: 'getWatch',
      summary: 'See who follows a ticket',
      permission: 'tickets.view',
      answers: { 200: json(followers, 'The followers of the ticket.') }
    },
    'PUT /teams/[teamId]/tickets/[ticketId]/watch': {
      id: 'watchTicket',
      summary: 'Follow a ticket',
      permission: 'own.manage',
      answers: { 200: json(followers, 'The followers of the ticket, including the caller.') }
    },
    'DELETE /teams/[teamId]/tickets/[ticketId]/watch': {
      id: 'unwatchTicket',
      summary: 'Unfollow a ticket',
      permission: 'own.manage',
      answers: { 200: json(followers, 'The remaining followers of the ticket.') }
    }
  }
}
