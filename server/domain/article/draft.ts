import { sql } from 'kysely'
import type { ArticleDraftPut, ArticlePublish, ArticleTranslationUpdate } from '#shared/schemas/article'
import type { Locale } from '#shared/texts/locale'
import type { Article, ArticleDraft } from '#shared/types/api'
import type { Db } from '../../db/types'
import { notFound, Refusal } from '../refusal'
import { getArticle } from './article'

/**
 * Saves the draft of a language, or begins the language. Throws 409 `conflict` with the stored draft if somebody else has saved another
 * text since `version`: nothing is lost, and the caller merges the two.
 */
export async function saveArticleDraft(
  db: Db,
  teamId: string,
  articleId: string,
  { locale, title, content, version }: ArticleDraftPut & { locale: Locale }
): Promise<ArticleDraft> {
  const { rows } = await sql<{
    version: number | null
  }>`select private.save_article_draft(${teamId}, ${articleId}, ${locale}, ${version}, ${title}, ${content}) as version`.execute(db)
  const current = await getDraft(db, teamId, articleId, locale)
  if (rows[0]!.version === null) throw staleDraft(current)
  return current
}

/** Shows the draft to readers. Throws 409 `conflict` with the stored draft if it has another version. */
export async function publishArticle(
  db: Db,
  teamId: string,
  articleId: string,
  { locale, version, note }: ArticlePublish & { locale: Locale }
): Promise<Article> {
  const { rows } = await sql<{
    id: string | null
  }>`select private.publish_article(${teamId}, ${articleId}, ${locale}, ${version}, ${note}) as id`.execute(db)
  if (rows[0]!.id === null) throw staleDraft(await getDraft(db, teamId, articleId, locale))
  return getArticle(db, teamId, articleId)
}

/** Takes a language from its readers; the draft stays. */
export async function unpublishArticle(db: Db, teamId: string, articleId: string, locale: Locale): Promise<void> {
  await sql`select private.unpublish_article(${teamId}, ${articleId}, ${locale})`.execute(db)
}

/** Changes the address. The former one leads to the new one. Throws 409 `slug_taken` if another article has or had it. */
export async function updateArticleTranslation(
  db: Db,
  teamId: string,
  articleId: string,
  { locale, slug }: ArticleTranslationUpdate & { locale: Locale }
): Promise<Article> {
  await sql`select private.set_article_slug(${teamId}, ${articleId}, ${locale}, ${slug})`.execute(db)
  return getArticle(db, teamId, articleId)
}

/** Throws 404 for a draft that the caller may not read. */
export async function getDraft(db: Db, teamId: string, articleId: string, locale: string): Promise<ArticleDraft> {
  const { translations } = await getArticle(db, teamId, articleId)
  const draft = translations.find(translation => translation.locale === locale)?.draft
  if (!draft) throw notFound()
  return draft
}

export function staleDraft(current: ArticleDraft): Refusal {
  return new Refusal(409, 'conflict', 'Somebody else has changed this draft meanwhile', { current })
}
