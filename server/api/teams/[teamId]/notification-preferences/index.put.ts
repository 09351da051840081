import { notificationPreferencesPut } from '#shared/schemas/notification'
import type { NotificationPreferences } from '#shared/types/api'
import { mailConfigured } from '#server/adapters/mail'
import { listPreferences, savePreferences } from '#server/domain/notification/preferences'

export default defineEventHandler(async (event): Promise<NotificationPreferences> => {
  const { user, teamId, can, db } = await authUser(event, 'tickets.view')
  const changes = await parseBody(event, notificationPreferencesPut)
  const preferences = await db(async (tx) => {
    await savePreferences(tx, teamId, user.sub, changes)
    return listPreferences(tx, teamId, user.sub, can)
  })
  return { is_mail_configured: mailConfigured(), preferences }
})
