import { articleLocale } from '#shared/schemas/article'
import { unpublishArticle } from '#server/domain/article/draft'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.publish')
  const articleId = uuidParam(event, 'articleId')
  const locale = param(event, 'locale', articleLocale)
  await db(tx => unpublishArticle(tx, teamId, articleId, locale))
  return noContent(event)
})
