import { replyAddressUpdate } from '#shared/schemas/team'
import { requestReplyAddress } from '#server/domain/reply-address'

export default defineEventHandler(async (event) => {
  const { user, teamId, db } = await authUser(event, 'team.update')
  const { email } = await parseBody(event, replyAddressUpdate)
  const requested = await db(tx => requestReplyAddress(tx, teamId, email, senderAddress()))
  await mailReplyAddress(db, user.sub, teamId, requested)
  return requested.address
})
