import { invitationCreate } from '#shared/schemas/team'
import { createInvitation } from '#server/domain/invitation'

export default defineEventHandler(async event => {
  const { caller, teamId, db } = await authUser(event, 'members.invite')
  const fields = await parseBody(event, invitationCreate)
  const issued = await db(tx => createInvitation(tx, teamId, fields))
  await mailInvitation(event, db, caller, issued)
  return sendCreated(event, issued.invitation)
})
