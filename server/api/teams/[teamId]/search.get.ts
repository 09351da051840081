import { searchQuery } from '#shared/schemas/ticket'
import { searchTeam } from '#server/domain/search'

export default defineEventHandler(async event => {
  const { user, teamId, db } = await authUser(event, 'tickets.view')
  const { q, limit } = parseQuery(event, searchQuery)
  return db(tx => searchTeam(tx, { teamId, userId: user.sub }, q, limit))
})
