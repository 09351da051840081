import { auditFilter } from '#shared/schemas/audit'
import { auditColumns, exportAudit } from '#server/domain/audit'
import { recordExport } from '#server/domain/export'

export default defineEventHandler(async (event) => {
  const { user, teamId, db } = await authUser(event, 'audit.export')
  const filter = parseQuery(event, auditFilter)
  await db(tx => recordExport(tx, teamId, 'audit', filter))
  await db(tx => streamCsv(event, 'audit.csv', auditColumns, exportAudit(tx, teamId, user.sub, filter)))
})
