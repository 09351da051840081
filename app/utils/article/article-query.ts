import { articleAudiences, articleStates, type ArticleAudience, type ArticleState } from '#shared/article'

/** The search and filters of the list of articles, as in the URL. Without a state, everything but the archive is listed. */
export interface ArticleListQuery {
  q: string
  category_id: string
  audience: ArticleAudience | ''
  state: ArticleState | ''
  page: number
}

export const articlePageSize = 25

const id = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/

/** Parses the query of the URL; invalid values are ignored. */
export function parseArticleQuery(query: Record<string, unknown>): ArticleListQuery {
  return {
    q: textOf(query.q, /^[^\0]{1,200}$/u),
    category_id: textOf(query.category_id, id),
    audience: articleAudiences.find(audience => audience === query.audience) ?? '',
    state: articleStates.find(state => state === query.state) ?? '',
    page: Number(textOf(query.page, /^[1-9]\d{0,4}$/)) || 1
  }
}

/** The query parameters of the URL, without those that equal the default. */
export function articleAddress({ page, ...filter }: ArticleListQuery): Record<string, string> {
  return { ...withoutEmpty(filter), ...(page > 1 && { page: String(page) }) }
}

/** The query of the articles route. */
export function articleApiQuery({ page, ...filter }: ArticleListQuery): Record<string, string | number> {
  return { ...withoutEmpty(filter), page, page_size: articlePageSize }
}

/** Whether the list leaves some articles out. */
export function isArticleListNarrowed({ q, category_id, audience, state }: ArticleListQuery): boolean {
  return Boolean(q || category_id || audience || state)
}

function withoutEmpty(filter: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''))
}

function textOf(value: unknown, pattern: RegExp): string {
  return typeof value === 'string' && pattern.test(value.trim()) ? value.trim() : ''
}
