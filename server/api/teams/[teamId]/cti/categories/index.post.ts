import { categoryCreate } from '#shared/schemas/category'
import { createCategory } from '#server/domain/category/category'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'routing.manage')
  const fields = await parseBody(event, categoryCreate)
  return sendCreated(event, await db(tx => createCategory(tx, teamId, fields)))
})
