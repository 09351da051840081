import { listInvitations } from '#server/domain/invitation'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'members.invite')
  return db(tx => listInvitations(tx, teamId))
})
