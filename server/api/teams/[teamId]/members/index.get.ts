import { listMembers } from '#server/domain/member'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'team.view')
  return db(tx => listMembers(tx, teamId))
})
