import { replyAddressUpdate } from '#shared/schemas/team'
import { mailSender } from '#server/adapters/mail'
import { requestReplyAddress } from '#server/domain/reply-address'

export default defineEventHandler(async (event) => {
  const { user, teamId, db } = await authUser(event, 'team.update')
  const { email } = await parseBody(event, replyAddressUpdate)
  const requested = await db(tx => requestReplyAddress(tx, teamId, email, mailSender().address))
  await mailReplyAddress(db, user.sub, teamId, requested)
  return requested.address
})
