import { clearReplyAddress } from '#server/domain/reply-address'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'team.update')
  await db(tx => clearReplyAddress(tx, teamId))
  return noContent(event)
})
