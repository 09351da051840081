import { getArticle } from '#server/domain/article/article'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.view')
  const articleId = uuidParam(event, 'articleId')
  return db(tx => getArticle(tx, teamId, articleId))
})
