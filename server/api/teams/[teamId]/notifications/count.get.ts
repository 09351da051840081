import { countUnread } from '#server/domain/notification/list'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'own.manage')
  return { unread: await db(tx => countUnread(tx, caller)) }
})
