import { notificationQuery } from '#shared/schemas/notification'
import { listNotifications } from '#server/domain/notification/list'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'own.manage')
  const query = parseQuery(event, notificationQuery)
  return sendList(event, await db(tx => listNotifications(tx, caller, query)))
})
