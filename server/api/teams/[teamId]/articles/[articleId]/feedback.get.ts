import { articleFeedbackQuery } from '#shared/schemas/article'
import { listArticleFeedback } from '#server/domain/article/feedback'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.view')
  const articleId = uuidParam(event, 'articleId')
  const query = parseQuery(event, articleFeedbackQuery)
  return sendList(event, await db(tx => listArticleFeedback(tx, teamId, articleId, query)))
})
