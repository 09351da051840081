import { getReplyAddress } from '#server/domain/reply-address'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'team.update')
  return db(tx => getReplyAddress(tx, teamId))
})
