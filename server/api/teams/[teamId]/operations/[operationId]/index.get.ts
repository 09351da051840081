import { getOperation } from '#server/domain/ticket/bulk'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  const operationId = uuidParam(event, 'operationId')
  return db(tx => getOperation(tx, teamId, operationId))
})
