import { getSimulation } from '#server/domain/sla/simulation'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.view')
  const simulationId = uuidParam(event, 'simulationId')
  return db(tx => getSimulation(tx, teamId, simulationId))
})
