import { releaseTicket } from '#server/domain/ticket/claim'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'tickets.claim')
  const ticketId = uuidParam(event, 'ticketId')
  return db(tx => releaseTicket(tx, caller, ticketId))
})
