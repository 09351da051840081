import { listReplyDrafts } from '#server/domain/reply-draft'

export default defineEventHandler(async (event) => {
  const { user, teamId, db } = await authUser(event, 'own.manage')
  return db(tx => listReplyDrafts(tx, teamId, user.sub))
})
