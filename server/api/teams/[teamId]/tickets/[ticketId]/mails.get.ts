import { listTicketMails } from '#server/domain/mail/ticket-mails'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  const ticketId = uuidParam(event, 'ticketId')
  return db(tx => listTicketMails(tx, teamId, ticketId))
})
