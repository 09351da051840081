import { applyPolicies } from '#server/domain/sla/policy'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.manage')
  return sendStarted(event, await db(tx => applyPolicies(tx, teamId)))
})
