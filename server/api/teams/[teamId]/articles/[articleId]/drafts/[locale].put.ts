import { articleDraftPut, articleLocale } from '#shared/schemas/article'
import { saveArticleDraft } from '#server/domain/article/draft'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.manage')
  const articleId = uuidParam(event, 'articleId')
  const locale = param(event, 'locale', articleLocale)
  const draft = await parseBody(event, articleDraftPut)
  return db(tx => saveArticleDraft(tx, teamId, articleId, { ...draft, locale }))
})
