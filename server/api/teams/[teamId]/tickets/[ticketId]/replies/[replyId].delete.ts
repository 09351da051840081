import { deleteReply } from '#server/domain/reply'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'replies.create')
  const ticketId = uuidParam(event, 'ticketId')
  const replyId = uuidParam(event, 'replyId')
  await db(tx => deleteReply(tx, teamId, ticketId, replyId))
  return noContent(event)
})
