import { markTicketRead } from '#server/domain/ticket/read'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'own.manage')
  const ticketId = uuidParam(event, 'ticketId')
  return db(tx => markTicketRead(tx, caller, ticketId))
})
