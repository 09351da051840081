import { articleQuery } from '#shared/schemas/article'
import { listArticles } from '#server/domain/article/list'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.view')
  const query = parseQuery(event, articleQuery)
  return sendList(event, await db(tx => listArticles(tx, teamId, query)))
})
