import { removeAttachment } from '#server/domain/attachment/attachment'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'attachments.create')
  const attachmentId = uuidParam(event, 'attachmentId')
  await deleteContent(await db(tx => removeAttachment(tx, teamId, attachmentId)))
  return noContent(event)
})
