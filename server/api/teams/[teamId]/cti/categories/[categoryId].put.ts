import { categoryUpdate } from '#shared/schemas/category'
import { updateCategory } from '#server/domain/category/category'

// The same as PATCH: clients of the ticketing API rename with PUT.
export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'routing.manage')
  const categoryId = uuidParam(event, 'categoryId')
  const changes = await parseBody(event, categoryUpdate)
  return db(tx => updateCategory(tx, teamId, categoryId, changes))
})
