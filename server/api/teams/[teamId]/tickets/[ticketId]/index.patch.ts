import { ticketUpdate } from '#shared/schemas/ticket'
import { updateTicket } from '#server/domain/ticket/update'

export default defineEventHandler(async event => {
  const { teamId, demand, db } = await authUser(event, 'tickets.update')
  const ticketId = uuidParam(event, 'ticketId')
  const changes = await parseBody(event, ticketUpdate)
  if (changes.assigned_to !== undefined) demand('tickets.assign', 'Your role does not allow assigning tickets')
  const version = ifMatch(event)
  return db(tx => updateTicket(tx, teamId, ticketId, changes, version))
})
