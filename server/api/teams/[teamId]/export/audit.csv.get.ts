import { auditFilter } from '#shared/schemas/audit'
import { auditColumns, exportAudit } from '#server/domain/audit'
import { recordExport } from '#server/domain/export'

export default defineEventHandler(async event => {
  const { user, teamId, file } = await authUser(event, 'audit.export')
  const filter = parseQuery(event, auditFilter)
  // In a transaction of its own, so that the log has it whatever becomes of the download, as has the file itself.
  await inDownloadTurn(event, async () => {
    await file(tx => recordExport(tx, teamId, 'audit', filter, exportAudit(tx, teamId, user.sub, filter)))
    await streamCsv(event, file, 'audit.csv', auditColumns, tx => exportAudit(tx, teamId, user.sub, filter))
  })
})
