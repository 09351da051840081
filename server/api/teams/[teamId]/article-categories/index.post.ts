import { articleCategoryCreate } from '#shared/schemas/article'
import { createArticleCategory } from '#server/domain/article/category'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.publish')
  const fields = await parseBody(event, articleCategoryCreate)
  return sendCreated(event, await db(tx => createArticleCategory(tx, teamId, fields)))
})
