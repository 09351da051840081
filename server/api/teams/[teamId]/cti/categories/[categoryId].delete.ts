import { deleteCategory } from '#server/domain/routing/category'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'routing.manage')
  const categoryId = uuidParam(event, 'categoryId')
  await db(tx => deleteCategory(tx, teamId, categoryId))
  return deleted(event)
})
