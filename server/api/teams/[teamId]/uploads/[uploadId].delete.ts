import { deleteUpload, objectKey } from '#server/domain/attachment/upload'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'attachments.create')
  const uploadId = uuidParam(event, 'uploadId')
  await db(tx => deleteUpload(tx, teamId, uploadId))
  await deleteContent(objectKey(teamId, uploadId))
  return noContent(event)
})
