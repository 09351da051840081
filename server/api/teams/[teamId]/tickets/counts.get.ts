import { ticketCountsQuery } from '#shared/schemas/ticket'
import { countTickets } from '#server/domain/ticket/list'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'tickets.view')
  const filter = parseQuery(event, ticketCountsQuery)
  return db(tx => countTickets(tx, caller, filter))
})
