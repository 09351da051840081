import { ticketQuery } from '#shared/schemas/ticket'
import { listTickets, pageTickets, scrollTickets } from '#server/domain/ticket/list'

export default defineEventHandler(async event => {
  const { user, teamId, db } = await authUser(event, 'tickets.view')
  const query = parseQuery(event, ticketQuery)
  const { page, cursor } = query
  if (page !== undefined) return db(tx => pageTickets(tx, teamId, user.sub, { ...query, page }))
  if (cursor !== undefined) return db(tx => scrollTickets(tx, teamId, user.sub, { ...query, cursor }))
  return sendList(event, await db(tx => listTickets(tx, teamId, user.sub, query)))
})
