import { getArticleRevision } from '#server/domain/article/revision'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.view')
  const articleId = uuidParam(event, 'articleId')
  const revisionId = uuidParam(event, 'revisionId')
  return db(tx => getArticleRevision(tx, teamId, articleId, revisionId))
})
