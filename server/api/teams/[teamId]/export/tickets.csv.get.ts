import { ticketExport } from '#shared/schemas/ticket'
import { recordExport } from '#server/domain/export'
import { exportColumns, exportTickets } from '#server/domain/ticket/export'

export default defineEventHandler(async (event) => {
  const { user, teamId, db } = await authUser(event, 'tickets.export')
  const query = parseQuery(event, ticketExport)
  await db(tx => recordExport(tx, teamId, 'tickets', query))
  // The transaction lasts as long as the download: all rows are of one moment.
  await db(tx => streamCsv(event, 'tickets.csv', exportColumns, exportTickets(tx, teamId, user.sub, query)))
})
