import { organizationCreate } from '#shared/schemas/contact'
import { createOrganization } from '#server/domain/contact/organization'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'organizations.manage')
  const fields = await parseBody(event, organizationCreate)
  return sendCreated(event, await db(tx => createOrganization(tx, caller, fields)))
})
