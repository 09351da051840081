export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'attachments.create')
  const replyId = uuidParam(event, 'replyId')
  return sendCreated(event, await receiveAttachment(event, { caller, db }, { replyId }))
})
