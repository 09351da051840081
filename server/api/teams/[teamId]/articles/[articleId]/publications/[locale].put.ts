import { articleLocale, articlePublish } from '#shared/schemas/article'
import { publishArticle } from '#server/domain/article/draft'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.publish')
  const articleId = uuidParam(event, 'articleId')
  const locale = param(event, 'locale', articleLocale)
  const publication = await parseBody(event, articlePublish)
  return db(tx => publishArticle(tx, teamId, articleId, { ...publication, locale }))
})
