import { listArticleGaps } from '#server/domain/article/gap'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.manage')
  return { gaps: await db(tx => listArticleGaps(tx, teamId)) }
})
