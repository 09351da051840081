import { historyQuery } from '#shared/schemas/audit'
import { listHistory } from '#server/domain/audit'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  const ticketId = uuidParam(event, 'ticketId')
  const query = parseQuery(event, historyQuery)
  return sendList(event, await db(tx => listHistory(tx, teamId, ticketId, query)))
})
