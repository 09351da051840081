import { deleteInvitation } from '#server/domain/invitation'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'members.invite')
  const invitationId = uuidParam(event, 'invitationId')
  await db(tx => deleteInvitation(tx, teamId, invitationId))
  return noContent(event)
})
