import { getFollowers } from '#server/domain/ticket/follower'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'tickets.view')
  const ticketId = uuidParam(event, 'ticketId')
  return db(tx => getFollowers(tx, caller, ticketId))
})
