import { deleteEntry } from '#server/domain/category/delete'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'routing.manage')
  const categoryId = uuidParam(event, 'categoryId')
  return noContent(event, await db(tx => deleteEntry(tx, teamId, 'category', categoryId)))
})
