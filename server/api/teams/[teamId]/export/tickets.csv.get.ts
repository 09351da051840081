import { ticketExport } from '#shared/schemas/ticket'
import { recordExport } from '#server/domain/export'
import { exportColumns, exportTickets } from '#server/domain/ticket/export'

export default defineEventHandler(async event => {
  const { user, teamId, file } = await authUser(event, 'tickets.export')
  const query = parseQuery(event, ticketExport)
  // In a transaction of its own, so that the log has it whatever becomes of the download.
  await inDownloadTurn(event, async () => {
    await file(tx => recordExport(tx, teamId, 'tickets', query, exportTickets(tx, teamId, user.sub, query, 1)))
    await streamCsv(event, file, 'tickets.csv', exportColumns, tx => exportTickets(tx, teamId, user.sub, query))
  })
})
