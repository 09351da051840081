import { previewSharing } from '#server/domain/contact/organization'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'organizations.manage')
  const organizationId = uuidParam(event, 'organizationId')
  return db(tx => previewSharing(tx, teamId, organizationId))
})
