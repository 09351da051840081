import { undoOperation } from '#server/domain/ticket/bulk'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.update')
  const operationId = uuidParam(event, 'operationId')
  return sendAccepted(event, await db(tx => undoOperation(tx, teamId, operationId)))
})
