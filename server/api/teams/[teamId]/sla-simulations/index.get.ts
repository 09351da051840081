import { pageQuery } from '#shared/schemas/page'
import { listSimulations } from '#server/domain/sla/simulation'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.view')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listSimulations(tx, teamId, query)))
})
