import { getUpload } from '#server/domain/attachment/upload'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'attachments.create')
  const uploadId = uuidParam(event, 'uploadId')
  return db(tx => getUpload(tx, teamId, uploadId))
})
