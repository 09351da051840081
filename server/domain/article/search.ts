import { sql } from 'kysely'
import type { ArticleAudience } from '#shared/article'
import type { Locale } from '#shared/texts/locale'
import type { Db } from '../../db/types'
import type { HelpReader } from './reader'
import { wordsOfQuestion } from './words'

export interface FoundArticle {
  id: string
  slug: string
  title: string
  locale: Locale
  content: string
  audience: ArticleAudience
  /** Compares the articles of one search. */
  rank: number
  /** How much of what the words say is in the article: 1 for all of them. */
  coverage: number
}

// An article is shown in the language of its reader if that one fits nearly as well.
const languageShare = 0.7

/** The best articles for the words of a text, each in one language. The last word may be incomplete. */
export async function findArticles(
  db: Db,
  { teamId, locale }: HelpReader,
  { q, most }: { q: string; most: number }
): Promise<FoundArticle[]> {
  const words = wordsOfQuestion(q)
  if (words.length === 0) return []
  const { rows } = await sql<FoundArticle>`
    select id, slug, title, locale, content, audience, rank, coverage
    from private.found_articles(${teamId}, ${words}::text[], ${2 * most})`.execute(db)
  const chosen = new Map<string, FoundArticle>() // by article, the best first
  for (const row of rows) {
    const best = chosen.get(row.id)
    if (!best || (row.locale === locale && row.rank >= languageShare * best.rank)) chosen.set(row.id, row)
  }
  return [...chosen.values()].slice(0, most)
}

/** Counts the words of the articles of one team in which they have changed. Returns how many teams it found: 1 or 0. */
export async function countStaleArticleWords(db: Db): Promise<number> {
  const { rows } = await sql<{ teams: number }>`select private.count_stale_article_words() as teams`.execute(db)
  return rows[0]!.teams
}
