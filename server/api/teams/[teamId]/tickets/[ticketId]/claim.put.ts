import { claimTicket } from '#server/domain/ticket/claim'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'tickets.claim')
  const ticketId = uuidParam(event, 'ticketId')
  return db(tx => claimTicket(tx, caller, ticketId))
})
