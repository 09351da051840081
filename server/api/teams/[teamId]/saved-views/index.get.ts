import { pageQuery } from '#shared/schemas/page'
import { listSavedViews } from '#server/domain/saved-view'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'tickets.view')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listSavedViews(tx, teamId, query)))
})
