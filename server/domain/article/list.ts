import { sql, type SqlBool } from 'kysely'
import type { ArticleState } from '#shared/article'
import type { ArticleQuery } from '#shared/schemas/article'
import type { ArticleSummary } from '#shared/types/api'
import type { Db } from '../../db/types'
import { escapePattern } from '../condition'
import { listOf, type List } from '../page'

/** The articles that the caller sees: what changed last comes first. `q` matches parts of titles. */
export function listArticles(
  db: Db,
  teamId: string,
  { q, category_id, audience, state, ...page }: ArticleQuery
): Promise<List<ArticleSummary>> {
  let rows = db
    .selectFrom('articles as article')
    .select(articleColumns)
    .select(translations)
    .where('article.team_id', '=', teamId)
    .where(sql<SqlBool>`${state ? conditions[state] : sql`article.archived_at is null`}`)
    .$castTo<ArticleSummary>()
  if (category_id !== undefined) rows = rows.where('article.category_id', '=', category_id)
  if (audience !== undefined) rows = rows.where('article.audience', '=', audience)
  for (const word of q?.split(/\s+/).filter(Boolean) ?? []) rows = rows.where(hasInTitle(word))
  return listOf(db, rows.orderBy('article.updated_at', 'desc').orderBy('article.id'), page)
}

export const articleColumns = [
  'article.id',
  'article.team_id',
  'article.category_id',
  'article.audience',
  'article.is_published',
  'article.archived_at',
  'article.created_by',
  'article.created_at',
  'article.updated_at',
  sql`(
    select jsonb_build_object('answers', count(*), 'helpful', count(*) filter (where feedback.is_helpful))
    from article_feedback as feedback where feedback.team_id = article.team_id and feedback.article_id = article.id)`.as('feedback')
] as const

// The draft and the published revision of each language, as far as the caller may read them.
const languages = sql`article_translations as translation
  left join article_revisions as revision on revision.id = translation.published_revision_id
  left join article_drafts as draft on draft.article_id = translation.article_id and draft.locale = translation.locale
  left join profiles as author on author.id = draft.updated_by
  where translation.team_id = article.team_id and translation.article_id = article.id`
const title = sql`coalesce(revision.title, draft.title, '')`
const hasChanges = sql`coalesce(draft.version <> translation.published_version, false)`

const translations = sql`(
  select coalesce(jsonb_agg(jsonb_build_object('locale', translation.locale, 'slug', translation.slug, 'title', ${title},
    'published_at', translation.published_at, 'has_changes', ${hasChanges}, 'edited_at', draft.updated_at, 'edited_by', case
      when author.id is not null then jsonb_build_object('id', author.id, 'full_name', author.full_name) end) order by translation.locale <> 'en', translation.locale), '[]')
  from ${languages})`.as('translations')

const conditions: Record<ArticleState, ReturnType<typeof sql>> = {
  published: sql`article.is_published`,
  changed: sql`article.is_published and exists (select from ${languages} and ${hasChanges})`,
  draft: sql`not article.is_published and article.archived_at is null`,
  archived: sql`article.archived_at is not null`
}

function hasInTitle(word: string) {
  return sql<SqlBool>`exists (select from ${languages} and ${title} ilike ${`%${escapePattern(word)}%`})`
}
