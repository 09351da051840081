import { articleRevisionQuery } from '#shared/schemas/article'
import { listArticleRevisions } from '#server/domain/article/revision'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.view')
  const articleId = uuidParam(event, 'articleId')
  const query = parseQuery(event, articleRevisionQuery)
  return sendList(event, await db(tx => listArticleRevisions(tx, teamId, articleId, query)))
})
