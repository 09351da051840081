import { deleteCannedResponse } from '#server/domain/canned-response'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'canned_responses.manage')
  const responseId = uuidParam(event, 'responseId')
  await db(tx => deleteCannedResponse(tx, teamId, responseId))
  return noContent(event)
})
