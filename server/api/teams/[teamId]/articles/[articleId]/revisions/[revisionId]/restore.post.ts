import { articleRestore } from '#shared/schemas/article'
import { restoreArticleRevision } from '#server/domain/article/revision'

export default defineEventHandler(async event => {
  const { teamId, db } = await authUser(event, 'articles.manage')
  const articleId = uuidParam(event, 'articleId')
  const revisionId = uuidParam(event, 'revisionId')
  const { version } = await parseBody(event, articleRestore)
  return db(tx => restoreArticleRevision(tx, teamId, articleId, { revisionId, version }))
})
