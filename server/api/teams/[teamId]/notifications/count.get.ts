import { countUnread } from '#server/domain/notification/list'

export default defineEventHandler(async event => {
  const { user, teamId, db } = await authUser(event, 'own.manage')
  return { unread: await db(tx => countUnread(tx, teamId, user.sub)) }
})
