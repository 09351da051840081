import { ticketQuery } from '#shared/schemas/ticket'
import { listTickets, pageTickets, scrollTickets } from '#server/domain/ticket/list'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'tickets.view')
  const query = parseQuery(event, ticketQuery)
  const { page, cursor } = query
  if (page !== undefined) return db(tx => pageTickets(tx, caller, { ...query, page }))
  if (cursor !== undefined) return db(tx => scrollTickets(tx, caller, { ...query, cursor }))
  return sendList(event, await db(tx => listTickets(tx, caller, query)))
})
