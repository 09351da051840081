import { deleteOrganization } from '#server/domain/contact/organization'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'organizations.manage')
  const organizationId = uuidParam(event, 'organizationId')
  await db(tx => deleteOrganization(tx, teamId, organizationId))
  return noContent(event)
})
