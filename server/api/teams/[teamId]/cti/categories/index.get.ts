import { categoryQuery } from '#shared/schemas/routing'
import { listCategories } from '#server/domain/routing/category'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'routing.view')
  const { counts } = parseQuery(event, categoryQuery)
  return db(tx => listCategories(tx, teamId, counts))
})
