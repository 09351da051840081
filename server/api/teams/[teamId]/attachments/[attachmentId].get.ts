import { getDownload } from '#server/domain/attachment/attachment'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  const attachmentId = uuidParam(event, 'attachmentId')
  await sendAttachment(event, await db(tx => getDownload(tx, teamId, attachmentId, unscannedPolicy())))
})
