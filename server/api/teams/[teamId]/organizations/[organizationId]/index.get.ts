import { getOrganization } from '#server/domain/contact/organization'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'contacts.view')
  const organizationId = uuidParam(event, 'organizationId')
  return db(tx => getOrganization(tx, teamId, organizationId))
})
