import { bulkRequest } from '#shared/schemas/bulk'
import { changeTickets } from '#server/domain/ticket/bulk'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'tickets.update')
  const request = await parseBody(event, bulkRequest)
  return sendAccepted(event, await db(tx => changeTickets(tx, caller, request)))
})
