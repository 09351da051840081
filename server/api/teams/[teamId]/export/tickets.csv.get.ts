import { ticketExport } from '#shared/schemas/ticket'
import { recordExport } from '#server/domain/export'
import { exportColumns, exportTickets } from '#server/domain/ticket/export'

export default defineEventHandler(async event => {
  const { caller, file } = await authUser(event, 'tickets.export')
  const query = parseQuery(event, ticketExport)
  // In a separate transaction, so that the audit log has the export even when the download fails.
  await inDownloadTurn(event, async () => {
    await file(tx => recordExport(tx, caller.teamId, { subject: 'tickets', filters: query, rows: exportTickets(tx, caller, query, 1) }))
    await streamCsv(event, file, 'tickets.csv', exportColumns, tx => exportTickets(tx, caller, query))
  })
})
