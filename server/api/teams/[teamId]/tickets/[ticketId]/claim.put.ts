import { claimTicket } from '#server/domain/ticket/claim'

export default defineEventHandler(async event => {
  const { user, teamId, db } = await authUser(event, 'tickets.claim')
  const ticketId = uuidParam(event, 'ticketId')
  return db(tx => claimTicket(tx, teamId, ticketId, user.sub))
})
