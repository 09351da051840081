import { replyAddressUpdate } from '#shared/schemas/team'
import { requestReplyAddress } from '#server/domain/reply-address'

export default defineEventHandler(async event => {
  const { caller, teamId, db } = await authUser(event, 'team.update')
  const { email } = await parseBody(event, replyAddressUpdate)
  // One request of a team at a time, so that a repeated request finds the mail of the first one and sends no second.
  return runInTurn(
    [{ key: `reply address of ${teamId}`, max: 1 }],
    async () => {
      const requested = await db(tx => requestReplyAddress(tx, teamId, email, senderAddress()))
      await mailReplyAddress(db, caller, requested)
      return requested.address
    },
    () => tooManyRequests(event, 1)
  )
})
