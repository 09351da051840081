import { articleCreate } from '#shared/schemas/article'
import { createArticle } from '#server/domain/article/article'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.manage')
  const fields = await parseBody(event, articleCreate)
  return sendCreated(event, await db(tx => createArticle(tx, teamId, fields)))
})
