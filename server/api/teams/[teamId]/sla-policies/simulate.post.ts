import { slaSimulationCreate } from '#shared/schemas/sla'
import { startSimulation } from '#server/domain/sla/simulation'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.manage')
  const draft = await parseBody(event, slaSimulationCreate)
  return sendStarted(event, await db(tx => startSimulation(tx, teamId, draft)))
})
