import type { ArticleFeedbackQuery } from '#shared/schemas/article'
import type { ArticleFeedback } from '#shared/types/api'
import type { Db } from '../../db/types'
import { listOf, type List } from '../page'
import { requireArticle } from './article'

/** What readers said about an article, the newest first. */
export async function listArticleFeedback(
  db: Db,
  teamId: string,
  articleId: string,
  { with_text, ...page }: ArticleFeedbackQuery
): Promise<List<ArticleFeedback>> {
  await requireArticle(db, teamId, articleId)
  const rows = db
    .selectFrom('article_feedback as feedback')
    .select(['feedback.id', 'feedback.locale', 'feedback.is_helpful', 'feedback.missing', 'feedback.created_at'])
    .where('feedback.team_id', '=', teamId)
    .where('feedback.article_id', '=', articleId)
    .$if(with_text === 'true', rows => rows.where('feedback.missing', 'is not', null))
    .orderBy('feedback.created_at', 'desc')
    .orderBy('feedback.id')
    .$castTo<ArticleFeedback>()
  return listOf(db, rows, page)
}
