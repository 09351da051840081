import { articleSuggestQuery } from '#shared/schemas/article'
import { suggestArticles } from '#server/domain/article/suggest'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.view')
  const { q, locale } = parseQuery(event, articleSuggestQuery)
  return { articles: await db(tx => suggestArticles(tx, { teamId, locale }, q)) }
})
