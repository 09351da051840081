import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import type { Locale } from '#shared/texts/locale'
import type { HelpArticle, HelpCategory, HelpEntry, HelpView } from '#shared/types/portal'
import { markdownText } from '#shared/utils/markdown'
import { parseSearch, positiveTerms } from '#shared/utils/search-query'
import { highlight, snippet } from '#shared/utils/snippet'
import type { Db } from '../../db/types'
import type { HelpReader } from './reader'
import { findArticles } from './search'

// Entries of a category on the first page, and of a list.
const overviewLength = 6
const listLength = 100
const maxFound = 20

type View<Name extends HelpView['page']> = Omit<Extract<HelpView, { page: Name }>, 'page'>

/** The first articles of each category, and of those without one. */
export async function getHelpOverview(db: Db, { teamId, locale }: HelpReader): Promise<View<'help'>> {
  const categories = await readableCategories(db, { teamId, locale })
  const { rows } = await sql<
    HelpEntry & { category_id: string | null; total: number }
  >`select slug, title, locale, category_id, total from private.readable_overview(${teamId}, ${locale}, ${overviewLength})`.execute(db)
  const inCategory = (id: string | null) => {
    const entries = rows.filter(({ category_id }) => category_id === id)
    return { entries: entries.map(asEntry), total: entries[0]?.total ?? 0 }
  }
  return { sections: categories.map(({ id, slug, name }) => ({ slug, name, ...inCategory(id) })), ...inCategory(null) }
}

/** One page of the articles of a category, or of all. Undefined for a category without an article that the caller may read. */
export async function listHelpArticles(
  db: Db,
  { teamId, locale }: HelpReader,
  { category, page }: { category: string | null; page: number }
): Promise<View<'help-list'> | undefined> {
  const known = category === null ? null : (await readableCategories(db, { teamId, locale })).find(({ slug }) => slug === category)
  if (known === undefined) return
  const { rows } = await sql<HelpEntry & { total: number }>`
    select slug, title, locale, total
    from private.readable_articles(${teamId}, ${locale}, ${listLength}, ${(page - 1) * listLength}, ${known?.id ?? null})`.execute(db)
  const total = rows[0]?.total ?? 0
  return {
    category: known && { slug: known.slug, name: known.name },
    entries: rows.map(asEntry),
    total,
    before: page > 1 ? page - 1 : null,
    after: page * listLength < total ? page + 1 : null
  }
}

/** The article at an address; at a former one, `slug` differs from it. Undefined if there is none that the caller may read. */
export async function findHelpArticle(db: Db, { teamId, locale }: HelpReader, address: string): Promise<HelpArticle | undefined> {
  const { rows } = await sql<{
    slug: string
    title: string
    content: string
    locale: Locale
    audience: string
    category_id: string | null
    published_at: string
    languages: HelpEntry[]
  }>`
    select slug, title, content, locale, audience, category_id, published_at, languages
    from private.readable_article(${teamId}, ${address})`.execute(db)
  const [row] = rows
  if (!row) return
  const category = row.category_id && (await readableCategories(db, { teamId, locale })).find(({ id }) => id === row.category_id)
  return {
    slug: row.slug,
    title: row.title,
    content: row.content,
    locale: row.locale,
    category: category ? { slug: category.slug, name: category.name } : null,
    published_at: row.published_at,
    languages: row.languages.filter(language => language.locale !== row.locale),
    is_public: row.audience === 'public'
  }
}

/** The best articles for the words of `q`, with the matches marked. */
export async function searchHelp(db: Db, { teamId, locale }: HelpReader, q: string): Promise<View<'help-search'>['found']> {
  const terms = positiveTerms(parseSearch(q))
  const found = []
  for (const row of await findArticles(db, { teamId, locale }, { q, most: maxFound })) {
    found.push({ ...asEntry(row), marked: highlight(row.title, terms), snippet: snippet(markdownText(row.content), terms) })
    await setImmediate() // a snippet of a long text takes milliseconds
  }
  return found
}

/** The addresses of everything that the caller may read. */
export async function listHelpAddresses(
  db: Db,
  teamId: string
): Promise<{ id: string; locale: Locale; slug: string; published_at: string }[]> {
  const { rows } = await sql<{ id: string; locale: Locale; slug: string; published_at: string }>`
    select id, locale, slug, published_at from private.readable_addresses(${teamId})`.execute(db)
  return rows
}

/** Keeps what a visitor says about an article. `visitor` tells visitors apart, and is stored as a hash that nobody can undo after the day. */
export async function rateArticle(
  db: Db,
  teamId: string,
  { address, visitor, isHelpful, missing }: { address: string; visitor: string; isHelpful: boolean; missing: string | null }
): Promise<void> {
  await sql`select private.rate_article(${teamId}, ${address}, ${visitor}, ${isHelpful}, ${missing})`.execute(db)
}

async function readableCategories(db: Db, { teamId, locale }: HelpReader): Promise<(HelpCategory & { id: string })[]> {
  const { rows } = await sql<{ id: string; slug: string; name: string; names: Partial<Record<Locale, string>> }>`
    select id, slug, name, names from private.readable_categories(${teamId})`.execute(db)
  return rows.map(({ id, slug, name, names }) => ({ id, slug, name: names[locale] ?? name }))
}

function asEntry({ slug, title, locale }: HelpEntry): HelpEntry {
  return { slug, title, locale }
}
