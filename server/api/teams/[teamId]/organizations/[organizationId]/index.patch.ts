import { organizationUpdate } from '#shared/schemas/contact'
import { updateOrganization } from '#server/domain/contact/organization'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'organizations.manage')
  const organizationId = uuidParam(event, 'organizationId')
  const changes = await parseBody(event, organizationUpdate)
  return db(tx => updateOrganization(tx, teamId, organizationId, changes))
})
