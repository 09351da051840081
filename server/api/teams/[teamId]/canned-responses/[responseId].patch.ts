import { cannedResponseUpdate } from '#shared/schemas/canned-response'
import { updateCannedResponse } from '#server/domain/canned-response'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'canned_responses.manage')
  const responseId = uuidParam(event, 'responseId')
  const changes = await parseBody(event, cannedResponseUpdate)
  return db(tx => updateCannedResponse(tx, teamId, responseId, changes))
})
