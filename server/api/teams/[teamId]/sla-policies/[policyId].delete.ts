import { deletePolicy } from '#server/domain/sla/policy'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.manage')
  const policyId = uuidParam(event, 'policyId')
  await db(tx => deletePolicy(tx, teamId, policyId))
  return noContent(event)
})
