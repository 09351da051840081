import { sql } from 'kysely'
import type { ArticleRestore, ArticleRevisionQuery } from '#shared/schemas/article'
import type { ArticleDraft, ArticleRevision, ArticleRevisionText } from '#shared/types/api'
import type { Db } from '../../db/types'
import { listOf, type List } from '../page'
import { notFound } from '../refusal'
import { requireArticle } from './article'
import { getDraft, staleDraft } from './draft'

/** The revisions that the caller may read, the newest first. */
export async function listArticleRevisions(
  db: Db,
  teamId: string,
  articleId: string,
  { locale, ...page }: ArticleRevisionQuery
): Promise<List<ArticleRevision>> {
  await requireArticle(db, teamId, articleId)
  const rows = revisionRows(db, teamId, articleId)
    .$if(locale !== undefined, rows => rows.where('revision.locale', '=', locale!))
    .orderBy('revision.created_at', 'desc')
    .orderBy('revision.number', 'desc')
    .orderBy('revision.id')
    .$castTo<ArticleRevision>()
  return listOf(db, rows, page)
}

export async function getArticleRevision(db: Db, teamId: string, articleId: string, revisionId: string): Promise<ArticleRevisionText> {
  const row = await revisionRows(db, teamId, articleId)
    .select('revision.content')
    .where('revision.id', '=', revisionId)
    .$castTo<ArticleRevisionText>()
    .executeTakeFirst()
  if (!row) throw notFound()
  return row
}

/**
 * Makes a revision the working draft; a draft that no revision holds is kept as one. Throws 409 `conflict` with the stored draft if it has
 * another version.
 */
export async function restoreArticleRevision(
  db: Db,
  teamId: string,
  articleId: string,
  { revisionId, version }: ArticleRestore & { revisionId: string }
): Promise<ArticleDraft> {
  const { rows } = await sql<{
    version: number | null
  }>`select private.restore_article_revision(${teamId}, ${articleId}, ${revisionId}, ${version}) as version`.execute(db)
  const { locale } = await getArticleRevision(db, teamId, articleId, revisionId)
  const current = await getDraft(db, teamId, articleId, locale)
  if (rows[0]!.version === null) throw staleDraft(current)
  return current
}

function revisionRows(db: Db, teamId: string, articleId: string) {
  return db
    .selectFrom('article_revisions as revision')
    .leftJoin('profiles as author', 'author.id', 'revision.created_by')
    .select([
      'revision.id',
      'revision.locale',
      'revision.number',
      'revision.kind',
      'revision.title',
      'revision.note',
      'revision.created_at',
      sql<boolean>`exists (
        select from article_translations as translation
        where translation.team_id = revision.team_id and translation.published_revision_id = revision.id)`.as('is_current'),
      sql`case when author.id is not null then jsonb_build_object('id', author.id, 'full_name', author.full_name) end`.as('created_by')
    ])
    .where('revision.team_id', '=', teamId)
    .where('revision.article_id', '=', articleId)
}
