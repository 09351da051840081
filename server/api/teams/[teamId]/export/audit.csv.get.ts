import { auditFilter } from '#shared/schemas/audit'
import { auditColumns, exportAudit } from '#server/domain/audit'

export default defineEventHandler(async (event) => {
  const { user, teamId, db } = await authUser(event, 'audit.view')
  const filter = parseQuery(event, auditFilter)
  await db(tx => streamCsv(event, 'audit.csv', auditColumns, exportAudit(tx, teamId, user.sub, filter)))
})
