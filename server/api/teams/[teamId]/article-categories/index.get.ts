import { pageQuery } from '#shared/schemas/page'
import { listArticleCategories } from '#server/domain/article/category'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.view')
  const query = parseQuery(event, pageQuery)
  return sendList(event, await db(tx => listArticleCategories(tx, teamId, query)))
})
