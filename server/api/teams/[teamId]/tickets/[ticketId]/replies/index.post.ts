import { replyCreate } from '#shared/schemas/reply'
import { postReply } from '#server/domain/reply'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'replies.create')
  const ticketId = uuidParam(event, 'ticketId')
  const fields = await parseBody(event, replyCreate)
  return sendCreated(event, await db(tx => postReply(tx, caller, ticketId, { ...fields, unscanned: unscannedPolicy() })))
})
