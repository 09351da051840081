import { articlePath, parseImageAddress, type ArticleAudience, type CitationKind } from '#shared/article'
import type { Locale } from '#shared/texts/locale'
import type { ArticleSuggestion, ArticleSummary, Reply, TicketRow } from '#shared/types/api'
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
  /** Whether it has other languages. */
  isTranslated?: boolean
  /** The sentence that fits the question best, as HTML with `<mark>`, if it was suggested for one. */
  sentence?: string
}

/** The published languages of articles. */
export function articleOptions(articles: ArticleSummary[]): ArticleOption[] {
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

/** Suggested articles as options: each in one language. */
export function suggestionOptions(suggestions: ArticleSuggestion[]): ArticleOption[] {
  return suggestions.map(({ id, ...suggestion }) => ({ id: `${id}-${suggestion.locale}`, article_id: id, ...suggestion }))
}

/** Both lists, the first one in front, each option once: with its sentence if it has one. */
export function joinOptions(first: ArticleOption[], then: ArticleOption[]): ArticleOption[] {
  const options = new Map(first.map(option => [option.id, option]))
  for (const option of then) {
    const known = options.get(option.id)
    options.set(option.id, known ? { ...option, ...known, sentence: known.sentence ?? option.sentence } : option)
  }
  return [...options.values()]
}

/** What somebody asks in a ticket: its subject, and the last message of the requester. */
export function questionOf(
  { subject, excerpt }: Pick<TicketRow, 'subject' | 'excerpt'>,
  replies: Pick<Reply, 'author_kind' | 'is_internal' | 'content'>[]
): string {
  const last = replies.findLast(({ author_kind, is_internal }) => author_kind === 'requester' && !is_internal)
  return `${subject}\n${last?.content ?? excerpt}`
}

/** The text of an article for a reply: its pictures become links, which the reader of the article can open. */
export function withImageLinks(content: string, address: string): string {
  return content.replace(/!\[([^\]\n]*)\]\((images\/[^)\s]+)\)/g, (whole, text: string, target: string) => {
    const image = parseImageAddress(target)
    return image ? `[${text || 'Picture'}](${address}${image.id})` : whole
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
