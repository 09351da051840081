import { ticketCreate } from '#shared/schemas/ticket'
import { createTicket } from '#server/domain/ticket/create'

export default defineEventHandler(async event => {
  const { caller, demand, db } = await authUser(event, 'tickets.create')
  const fields = await parseBody(event, ticketCreate)
  if (fields.assigned_to !== null) demand('tickets.assign', 'Your role does not allow assigning tickets')
  return sendCreated(event, await db(tx => createTicket(tx, caller, { ...fields, unscanned: unscannedPolicy() })))
})
