import { pageQuery } from '#shared/schemas/page'
import { listPolicies } from '#server/domain/sla/policy'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.view')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listPolicies(tx, teamId, query)))
})
