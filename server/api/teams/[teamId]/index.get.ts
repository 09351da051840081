import { getTeam } from '#server/domain/team'

export default defineEventHandler(async event => {
  const { user, teamId, db } = await authUser(event, 'team.view')
  return db(tx => getTeam(tx, user.sub, teamId))
})
