export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'attachments.create')
  const ticketId = uuidParam(event, 'ticketId')
  return sendCreated(event, await receiveAttachment(event, { caller, db }, { ticketId }))
})
