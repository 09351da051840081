import { articleCategoryUpdate } from '#shared/schemas/article'
import { updateArticleCategory } from '#server/domain/article/category'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.publish')
  const categoryId = uuidParam(event, 'categoryId')
  const changes = await parseBody(event, articleCategoryUpdate)
  return db(tx => updateArticleCategory(tx, teamId, categoryId, changes))
})
