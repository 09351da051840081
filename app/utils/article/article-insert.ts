import { articlePath, type ArticleAudience, type CitationKind } from '#shared/article'
import type { Locale } from '#shared/texts/locale'
import type { ArticleSummary } from '#shared/types/api'
import { asMarkdown } from '#shared/utils/placeholders'

/** A published article in one language. */
export interface ArticleOption {
  /** Of the option: an article has one for each published language. */
  id: string
  article_id: string
  locale: Locale
  slug: string
  title: string
  audience: ArticleAudience
}

/** The published languages of articles; `isTranslated` says that there are several of one. */
export function articleOptions(articles: ArticleSummary[]): (ArticleOption & { isTranslated: boolean })[] {
  return articles.flatMap(({ id, audience, translations }) => {
    const published = translations.filter(translation => translation.published_at !== null && translation.slug !== null)
    return published.map(({ locale, slug, title }) => ({
      id: `${id}-${locale}`,
      article_id: id,
      locale,
      slug: slug!,
      title,
      audience,
      isTranslated: published.length > 1
    }))
  })
}

/** The page of an article for agents. */
export function articlePagePath(articleId: string): string {
  return `/articles/${articleId}`
}

/** A Markdown link to an article: to the help centre of the team, or to the page for agents if only the team may read it. */
export function articleLink({ article_id, title, slug, audience }: ArticleOption, team: string, origin: string): string {
  const path = audience === 'internal' ? articlePagePath(article_id) : articlePath(team, slug)
  return `[${asMarkdown(title)}](${origin}${path})`
}

/** An article whose text was inserted in a draft, with some of its lines: while one of them is left, the reply cites the article. */
export interface InsertedArticle {
  id: string
  lines: string[]
}

const maxLines = 5
const maxLineLength = 200

export function insertedArticle(id: string, text: string): InsertedArticle {
  const lines = text
    .split('\n')
    .map(line => line.trim().slice(0, maxLineLength))
    .filter(Boolean)
    .sort((one, other) => other.length - one.length)
    .slice(0, maxLines)
  return { id, lines }
}

/** The ids of the articles whose text is still in `content`, at most 20. */
export function insertedIn(content: string, articles: readonly InsertedArticle[] = []): string[] {
  const ids = articles.filter(({ lines }) => lines.some(line => content.includes(line))).map(({ id }) => id)
  return [...new Set(ids)].slice(0, 20)
}

/** How an article came to be cited at a ticket. */
export const citationTexts: Record<CitationKind, string> = {
  cited: 'Cited',
  link: 'Linked in a reply',
  text: 'Inserted in a reply',
  draft: 'Drafted from this ticket'
}
