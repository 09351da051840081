import { renewInvitation } from '#server/domain/invitation'

export default defineEventHandler(async event => {
  const { caller, teamId, db } = await authUser(event, 'members.invite')
  const invitationId = uuidParam(event, 'invitationId')
  const issued = await db(tx => renewInvitation(tx, teamId, invitationId))
  await mailInvitation(event, db, caller, issued)
  return issued.invitation
})
