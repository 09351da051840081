import { publicArticleQuery } from '#shared/schemas/article'
import { listPublicArticles } from '#server/domain/article/public'

export default defineEventHandler(async event => {
  const { db, teamId } = await openTeamToAll(event)
  const { locale, ...page } = parseQuery(event, publicArticleQuery)
  return sendList(event, await db(tx => listPublicArticles(tx, { teamId, locale }, page)))
})
