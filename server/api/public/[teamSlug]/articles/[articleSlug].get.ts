import { articleSlug } from '#shared/schemas/article'
import { getPublicArticle } from '#server/domain/article/public'

export default defineEventHandler(async event => {
  const { db, teamId } = await openTeamToAll(event)
  const slug = param(event, 'articleSlug', articleSlug)
  return db(tx => getPublicArticle(tx, teamId, slug))
})
