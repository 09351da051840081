import { sql } from 'kysely'
import { maxListLength, type PageQuery } from '#shared/schemas/page'
import type { PublicArticle, PublicArticleText } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { List } from '../page'
import { notFound } from '../refusal'
import type { HelpReader } from './reader'

/** What anybody may read, by title: each article in the preferred language, or in another if it lacks that. */
export async function listPublicArticles(
  db: Db,
  { teamId, locale }: HelpReader,
  { page, page_size }: PageQuery
): Promise<List<PublicArticle>> {
  const read = async (most: number, skip: number) =>
    (
      await sql<PublicArticle & { total: number }>`
        select id, locale, slug, title, category_id, published_at, total
        from private.readable_articles(${teamId}, ${locale}, ${most}, ${skip})`.execute(db)
    ).rows
  const [most, skip] = page === undefined ? [maxListLength, 0] : [page_size, (page - 1) * page_size]
  const rows = await read(most, skip)
  const data = rows.map(({ total: _, ...article }) => article)
  const total = (rows[0] ?? (skip > 0 ? (await read(1, 0))[0] : undefined))?.total ?? 0 // the rows carry it, and a page beyond has none
  return page === undefined ? { rows: data, isTruncated: total > data.length } : { data, total, page, page_size }
}

/** The article at an address. At a former address, `slug` is the present one. Throws 404 if nobody may read it without signing in. */
export async function getPublicArticle(db: Db, teamId: string, address: string): Promise<PublicArticleText> {
  const { rows } = await sql<PublicArticleText>`
    select id, locale, slug, title, category_id, published_at, content, languages
    from private.readable_article(${teamId}, ${address})`.execute(db)
  if (!rows[0]) throw notFound()
  return rows[0]
}
