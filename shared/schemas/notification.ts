import { z } from './zod'
import { preferenceKinds } from '../notification'
import { cursorFields, cursorListQuery } from './page'
import { uuid } from './text'

/** The caller's notifications, newest first; `unread=true` selects unread ones only. */
export const notificationQuery = cursorListQuery(
  z.strictObject({
    ...cursorFields,
    unread: z
      .enum(['true', 'false'], 'Must be true or false')
      .default('false')
      .transform(value => value === 'true')
  })
)

/** The notifications to mark as read: by id, or those of a ticket; without either, all of the team. */
export const notificationRead = z.strictObject({
  ids: z.array(uuid, 'Must be a list of ids').min(1, 'At least one').max(100, 'At most 100').optional(),
  ticket_id: uuid.optional()
})

const isWanted = z.boolean('Must be true or false')

/** Kinds that are absent keep their settings. */
export const notificationPreferencesPut = z.strictObject({
  preferences: z
    .array(
      z.strictObject({ kind: z.enum(preferenceKinds, 'Not a kind of notification'), in_app: isWanted, mail: isWanted }),
      'Must be a list of preferences'
    )
    .min(1, 'At least one')
    .max(preferenceKinds.length, 'Each kind once')
    .refine(list => new Set(list.map(({ kind }) => kind)).size === list.length, 'Each kind once')
})

export type NotificationQuery = z.output<typeof notificationQuery>
export type NotificationRead = z.output<typeof notificationRead>
export type NotificationPreferencesPut = z.output<typeof notificationPreferencesPut>
