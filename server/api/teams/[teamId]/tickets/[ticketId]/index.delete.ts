import { deleteTicket } from '#server/domain/ticket/delete'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.delete')
  const ticketId = uuidParam(event, 'ticketId')
  const version = ifMatch(event)
  await db(tx => deleteTicket(tx, teamId, ticketId, version))
  return noContent(event)
})
