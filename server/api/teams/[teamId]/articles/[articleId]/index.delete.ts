import { articleDeletion } from '#shared/schemas/article'
import { deleteArticle } from '#server/domain/article/article'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.manage')
  const articleId = uuidParam(event, 'articleId')
  const query = parseQuery(event, articleDeletion)
  await db(tx => deleteArticle(tx, teamId, articleId, query))
  return noContent(event)
})
