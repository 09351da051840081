import { listCategories } from '#server/domain/category'

export default defineEventHandler(async (event) => {
  const { teamId, db } = await authUser(event, 'routing.view')
  return db(tx => listCategories(tx, teamId))
})
