import { cannedResponseCreate } from '#shared/schemas/canned-response'
import { createCannedResponse } from '#server/domain/canned-response'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'canned_responses.manage')
  const fields = await parseBody(event, cannedResponseCreate)
  return sendCreated(event, await db(tx => createCannedResponse(tx, caller, fields)))
})
