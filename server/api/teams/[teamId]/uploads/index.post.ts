export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'attachments.create')
  return sendCreated(event, await receiveUpload(event, { caller, db }))
})
