import { getWatch } from '#server/domain/ticket/watch'

export default defineEventHandler(async event => {
  const { user, teamId, db } = await authUser(event, 'tickets.view')
  const ticketId = uuidParam(event, 'ticketId')
  return db(tx => getWatch(tx, teamId, ticketId, user.sub))
})
