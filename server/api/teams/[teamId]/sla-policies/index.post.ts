import { policyCreate } from '#shared/schemas/sla'
import { createPolicy } from '#server/domain/sla/policy'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'sla.manage')
  const fields = await parseBody(event, policyCreate)
  return sendCreated(event, await db(tx => createPolicy(tx, caller, fields)))
})
