import { pageQuery } from '#shared/schemas/page'
import { listSimulationClocks } from '#server/domain/sla/simulation'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.view')
  const simulationId = uuidParam(event, 'simulationId')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listSimulationClocks(tx, teamId, simulationId, query)))
})
