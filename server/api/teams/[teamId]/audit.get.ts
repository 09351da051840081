import { auditQuery } from '#shared/schemas/audit'
import { listAudit } from '#server/domain/audit'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'audit.view')
  const query = parseQuery(event, auditQuery)
  return sendList(event, await db(tx => listAudit(tx, caller, query)))
})
