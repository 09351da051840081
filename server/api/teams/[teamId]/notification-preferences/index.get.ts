import type { NotificationPreferences } from '#shared/types/api'
import { mailConfigured } from '#server/adapters/mail'
import { listPreferences } from '#server/domain/notification/preferences'

export default defineEventHandler(async (event): Promise<NotificationPreferences> => {
  const { user, teamId, can, db } = await authUser(event, 'tickets.view')
  return { is_mail_configured: mailConfigured(), preferences: await db(tx => listPreferences(tx, teamId, user.sub, can)) }
})
