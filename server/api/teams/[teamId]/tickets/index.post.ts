import { ticketCreate } from '#shared/schemas/ticket'
import { createTicket } from '#server/domain/ticket/write'

export default defineEventHandler(async (event) => {
  const { user, teamId, can, db } = await authUser(event, 'tickets.create')
  const fields = await parseBody(event, ticketCreate)
  if (fields.assigned_to !== null && !can('tickets.assign')) throw failure(403, 'forbidden', 'Your role does not allow assigning tickets')
  return created(event, await db(tx => createTicket(tx, teamId, user.sub, fields)))
})
