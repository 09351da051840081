import { deleteArticleCategory } from '#server/domain/article/category'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.publish')
  const categoryId = uuidParam(event, 'categoryId')
  await db(tx => deleteArticleCategory(tx, teamId, categoryId))
  return noContent(event)
})
