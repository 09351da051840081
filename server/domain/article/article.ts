import { sql } from 'kysely'
import type { ArticleCreate, ArticleDeletion, ArticleUpdate } from '#shared/schemas/article'
import type { Article } from '#shared/types/api'
import type { Db } from '../../db/types'
import { notFound } from '../refusal'
import { articleColumns } from './list'

export async function getArticle(db: Db, teamId: string, articleId: string): Promise<Article> {
  const row = await db
    .selectFrom('articles as article')
    .select(articleColumns)
    .select(translations)
    .where('article.team_id', '=', teamId)
    .where('article.id', '=', articleId)
    .$castTo<Article>()
    .executeTakeFirst()
  if (!row) throw notFound()
  return row
}

/** The id and audience of an article, without its texts. Throws 404 for one that the caller does not see. */
export async function requireArticle(db: Db, teamId: string, articleId: string): Promise<Pick<Article, 'id' | 'audience'>> {
  const row = await db
    .selectFrom('articles')
    .select(['id', 'audience'])
    .where('team_id', '=', teamId)
    .where('id', '=', articleId)
    .$castTo<Pick<Article, 'id' | 'audience'>>()
    .executeTakeFirst()
  if (!row) throw notFound()
  return row
}

/** The ids of all articles that the caller sees, archived ones too, in the order in which they were begun. */
export async function listArticleIds(db: Db, teamId: string): Promise<string[]> {
  const rows = await db.selectFrom('articles').select('id').where('team_id', '=', teamId).orderBy('created_at').orderBy('id').execute()
  return rows.map(({ id }) => id)
}

/** Begins an article with a draft in one language. Throws 400 for a category of another team, 422 `article_limit` at the limit. */
export async function createArticle(
  db: Db,
  teamId: string,
  { locale, title, content, category_id, audience }: ArticleCreate
): Promise<Article> {
  const { rows } = await sql<{
    id: string
  }>`select private.create_article(${teamId}, ${locale}, ${title}, ${content}, ${category_id}, ${audience}) as id`.execute(db)
  return getArticle(db, teamId, rows[0]!.id)
}

/** Archiving takes the article from its readers. */
export async function updateArticle(db: Db, teamId: string, articleId: string, changes: ArticleUpdate): Promise<Article> {
  if (Object.keys(changes).length > 0)
    await sql`select private.update_article(${teamId}, ${articleId}, ${JSON.stringify(changes)})`.execute(db)
  return getArticle(db, teamId, articleId)
}

/** Throws 409 `replacement_needed` if it was ever published, and neither a replacement nor `final` is named. */
export async function deleteArticle(
  db: Db,
  teamId: string,
  articleId: string,
  { replacement_id = null, final }: { replacement_id?: string | null; final?: ArticleDeletion['final'] }
): Promise<void> {
  await sql`select private.delete_article(${teamId}, ${articleId}, ${replacement_id}, ${final === 'true'})`.execute(db)
}

// Drafts are null for callers who may not edit the article: the policies hide them.
const translations = sql`(
  select coalesce(jsonb_agg(jsonb_build_object(
    'locale', translation.locale,
    'slug', translation.slug,
    'published', case when revision.id is not null then jsonb_build_object('revision_id', revision.id, 'number', revision.number,
      'title', revision.title, 'content', revision.content, 'published_at', translation.published_at,
      'first_published_at', translation.first_published_at) end,
    'draft', case when draft.version is not null then jsonb_build_object('title', draft.title, 'content', draft.content,
      'version', draft.version, 'has_changes', draft.version is distinct from translation.published_version,
      'updated_at', draft.updated_at, 'updated_by', case when author.id is not null
        then jsonb_build_object('id', author.id, 'full_name', author.full_name) end) end
  ) order by translation.locale <> 'en', translation.locale), '[]')
  from article_translations as translation
  left join article_revisions as revision on revision.id = translation.published_revision_id
  left join article_drafts as draft on draft.article_id = translation.article_id and draft.locale = translation.locale
  left join profiles as author on author.id = draft.updated_by
  where translation.team_id = article.team_id and translation.article_id = article.id)`.as('translations')
