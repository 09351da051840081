import { ticketExport } from '#shared/schemas/ticket'
import { recordExport } from '#server/domain/export'
import { exportColumns, exportTickets } from '#server/domain/ticket/export'

export default defineEventHandler(async (event) => {
  const { user, teamId, db } = await authUser(event, 'tickets.export')
  const query = parseQuery(event, ticketExport)
  // In a transaction of its own, so that the log has it whatever becomes of the download.
  await db(tx => recordExport(tx, teamId, 'tickets', query, exportTickets(tx, teamId, user.sub, query, 1)))
  // The transaction lasts as long as the download: all rows are of one moment.
  await db(tx => streamCsv(event, 'tickets.csv', exportColumns, exportTickets(tx, teamId, user.sub, query)))
})
