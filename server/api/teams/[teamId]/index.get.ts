import { getTeam } from '#server/domain/team'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'team.view')
  return db(tx => getTeam(tx, caller))
})
