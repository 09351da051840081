import { typeQuery } from '#shared/schemas/routing'
import { listTypes } from '#server/domain/routing/type'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'routing.view')
  const { category_id: categoryId, counts } = parseQuery(event, typeQuery)
  return db(tx => listTypes(tx, teamId, { categoryId, counts }))
})
