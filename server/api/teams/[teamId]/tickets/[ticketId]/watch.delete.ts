import { unfollowTicket } from '#server/domain/ticket/follower'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'own.manage')
  const ticketId = uuidParam(event, 'ticketId')
  return db(tx => unfollowTicket(tx, caller, ticketId))
})
