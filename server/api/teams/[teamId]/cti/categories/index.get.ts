import { categoryQuery } from '#shared/schemas/category'
import { listCategories } from '#server/domain/category/category'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'routing.view')
  const query = parseQuery(event, categoryQuery)
  return sendList(event, await db(tx => listCategories(tx, teamId, query)))
})
