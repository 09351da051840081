import { deleteSimulation } from '#server/domain/sla/simulation'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.manage')
  const simulationId = uuidParam(event, 'simulationId')
  await db(tx => deleteSimulation(tx, teamId, simulationId))
  return noContent(event)
})
