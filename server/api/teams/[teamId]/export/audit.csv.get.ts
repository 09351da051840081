import { auditFilter } from '#shared/schemas/audit'
import { auditColumns, exportAudit } from '#server/domain/audit'
import { recordExport } from '#server/domain/export'

export default defineEventHandler(async event => {
  const { caller, file } = await authUser(event, 'audit.export')
  const filter = parseQuery(event, auditFilter)
  // In a separate transaction, so that the audit log (and the file) has the export even when the download fails.
  await inDownloadTurn(event, async () => {
    await file(tx => recordExport(tx, caller.teamId, { subject: 'audit', filters: filter, rows: exportAudit(tx, caller, filter) }))
    await streamCsv(event, file, 'audit.csv', auditColumns, tx => exportAudit(tx, caller, filter))
  })
})
