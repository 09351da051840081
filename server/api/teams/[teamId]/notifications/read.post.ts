import { notificationRead } from '#shared/schemas/notification'
import { readNotifications } from '#server/domain/notification/mark-read'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'own.manage')
  const which = await parseBody(event, notificationRead)
  return { updated: await db(tx => readNotifications(tx, caller, which)) }
})
