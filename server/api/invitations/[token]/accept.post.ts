import { invitationToken } from '#shared/schemas/team'
import { acceptInvitation } from '#server/domain/invitation'

export default defineEventHandler(async event => {
  const { user, db } = await requireUser(event)
  const token = tokenParam(event, invitationToken)
  return db(tx => acceptInvitation(tx, user.sub, token))
})
