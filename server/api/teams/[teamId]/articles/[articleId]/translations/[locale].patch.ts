import { articleLocale, articleTranslationUpdate } from '#shared/schemas/article'
import { updateArticleTranslation } from '#server/domain/article/draft'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.manage')
  const articleId = uuidParam(event, 'articleId')
  const locale = param(event, 'locale', articleLocale)
  const changes = await parseBody(event, articleTranslationUpdate)
  return db(tx => updateArticleTranslation(tx, teamId, articleId, { ...changes, locale }))
})
