import { policyUpdate } from '#shared/schemas/sla'
import { updatePolicy } from '#server/domain/sla/policy'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'sla.manage')
  const policyId = uuidParam(event, 'policyId')
  const changes = await parseBody(event, policyUpdate)
  return db(tx => updatePolicy(tx, teamId, policyId, changes))
})
