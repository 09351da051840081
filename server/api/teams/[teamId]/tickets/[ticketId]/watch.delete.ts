import { unwatchTicket } from '#server/domain/ticket/watch'

export default defineEventHandler(async event => {
  const { user, teamId, db } = await authUser(event, 'own.manage')
  const ticketId = uuidParam(event, 'ticketId')
  return db(tx => unwatchTicket(tx, teamId, ticketId, user.sub))
})
