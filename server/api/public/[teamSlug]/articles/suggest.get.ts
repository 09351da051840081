import { articleSuggestQuery } from '#shared/schemas/article'
import { suggestArticles } from '#server/domain/article/suggest'

export default defineEventHandler(async event => {
  const { db, teamId } = await openTeamToAll(event)
  const { q, locale } = parseQuery(event, articleSuggestQuery)
  return { articles: await db(tx => suggestArticles(tx, { teamId, locale }, q)) }
})
