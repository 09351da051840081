import { replyAddressUpdate } from '#shared/schemas/team'
import { requestReplyAddress } from '#server/domain/reply-address'

export default defineEventHandler(async event => {
  const { caller, teamId, db } = await authUser(event, 'team.update')
  const { email } = await parseBody(event, replyAddressUpdate)
  // One request after the other: a repetition finds what the first one mailed.
  return runInTurn(
    [{ key: `reply address of ${teamId}`, most: 1 }],
    async () => {
      const requested = await db(tx => requestReplyAddress(tx, teamId, email, senderAddress()))
      await mailReplyAddress(db, caller, requested)
      return requested.address
    },
    () => tooMany(event, 1)
  )
})
