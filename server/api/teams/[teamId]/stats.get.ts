import { getStats } from '#server/domain/stats'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'team.view')
  return db(tx => getStats(tx, teamId))
})
