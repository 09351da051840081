import { articleUpdate } from '#shared/schemas/article'
import { updateArticle } from '#server/domain/article/article'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.manage')
  const articleId = uuidParam(event, 'articleId')
  const changes = await parseBody(event, articleUpdate)
  return db(tx => updateArticle(tx, teamId, articleId, changes))
})
