import { id, timestamp, status } from '../answer'
import { notificationKinds, preferenceKinds } from '../../notification'
import { z } from '../zod'
import { person } from './person'

export const notification = z
  .object({
    id,
    kind: z.enum(notificationKinds),
    ticket: z
      .object({ id, number: z.int(), subject: z.string(), status })
      .nullable()
      .describe('Null if the notification concerns the whole team; `text` then describes it.'),
    actor: person.nullable().describe('Null if a job did it, or the account is deleted.'),
    via: z.string().optional().describe('The API key that acted for the actor, with its creator; absent if they did it in person.'),
    reply: z
      .object({
        id,
        is_internal: z.boolean(),
        excerpt: z.string().describe('The beginning, as plain text on one line.')
      })
      .nullable()
      .describe('The reply, if the event is about one.'),
    text: z.string().nullable(),
    read_at: timestamp.nullable(),
    created_at: timestamp.describe('When the event happened.')
  })
  .meta({ id: 'Notification', description: 'A notification of an event.' })

const preference = z
  .object({ kind: z.enum(preferenceKinds), in_app: z.boolean(), mail: z.boolean() })
  .meta({ id: 'NotificationPreference', description: 'Where a kind of notification is shown.' })

export const notificationPreferences = z
  .object({
    is_mail_configured: z.boolean().describe('Whether this server sends mails.'),
    preferences: z.array(preference)
  })
  .meta({ id: 'NotificationPreferences', description: 'Which notifications the caller gets, and where.' })

export const followers = z
  .object({ watching: z.boolean(), watchers: z.array(person) })
  .meta({ id: 'Followers', description: 'Who follows a ticket, and whether the caller does.' })

export type Notification = z.output<typeof notification>
export type NotificationPreference = z.output<typeof preference>
export type NotificationPreferences = z.output<typeof notificationPreferences>
export type Followers = z.output<typeof followers>
