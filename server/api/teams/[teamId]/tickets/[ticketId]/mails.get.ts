import { pageQuery } from '#shared/schemas/page'
import { listTicketMails } from '#server/domain/mail/ticket-mails'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  const ticketId = uuidParam(event, 'ticketId')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listTicketMails(tx, teamId, ticketId, query)))
})
