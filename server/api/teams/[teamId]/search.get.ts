import { searchQuery } from '#shared/schemas/ticket'
import { searchTeam } from '#server/domain/search'

export default defineEventHandler(async event => {
  const { caller, db } = await authUser(event, 'tickets.view')
  const query = parseQuery(event, searchQuery)
  return db(tx => searchTeam(tx, caller, query))
})
