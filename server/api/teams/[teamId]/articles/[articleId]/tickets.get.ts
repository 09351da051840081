import { articleTicketQuery } from '#shared/schemas/article'
import { listArticleTickets } from '#server/domain/article/citation'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.view')
  const articleId = uuidParam(event, 'articleId')
  const query = parseQuery(event, articleTicketQuery)
  return sendList(event, await db(tx => listArticleTickets(tx, teamId, articleId, query)))
})
