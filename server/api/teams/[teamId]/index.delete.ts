import { deleteTeam } from '#server/domain/team'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'team.delete')
  await db(tx => deleteTeam(tx, teamId))
  return noContent(event)
})
