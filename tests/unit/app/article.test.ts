import { describe, expect, test } from 'vitest'
import type { ArticleSummary } from '#shared/types/api'
import { articleState, articleTitle, helpfulShare, lastEdit } from '~/utils/article/article'
import { searchBlocks } from '~/utils/article/article-blocks'
import { articleCategoryFields, articleCategorySchema, newArticleFields, newArticleSchema } from '~/utils/article/article-form'
import { articleAddress, articleApiQuery, isArticleListNarrowed, parseArticleQuery } from '~/utils/article/article-query'

const id = '11111111-2222-4333-8444-555555555555'

function translation(fields: Partial<ArticleSummary['translations'][number]> = {}): ArticleSummary['translations'][number] {
  return { locale: 'en', slug: null, title: 'VPN', published_at: null, has_changes: false, edited_at: null, edited_by: null, ...fields }
}

describe('the state of an article', () => {
  test('follows from what is published and from the drafts', () => {
    const of = (fields: Partial<ArticleSummary>, has_changes = false) =>
      articleState({ archived_at: null, is_published: true, translations: [translation({ has_changes })], ...fields })
    expect(of({})).toBe('published')
    expect(of({}, true)).toBe('changed')
    expect(of({ is_published: false }, true)).toBe('draft')
    expect(of({ is_published: false, archived_at: '2026-01-01T00:00:00Z' })).toBe('archived')
  })
})

test('an article is named by its first title', () => {
  expect(articleTitle({ translations: [translation({ title: '' }), translation({ title: 'VPN einrichten' })] })).toBe('VPN einrichten')
  expect(articleTitle({ translations: [translation({ title: '' })] })).toBe('Untitled')
})

test('the last edit is the latest of all languages, or the publication for those who do not see drafts', () => {
  const ann = { id, full_name: 'Ann' }
  const translations = [
    translation({ edited_at: '2026-01-02T00:00:00Z', edited_by: ann }),
    translation({ edited_at: '2026-01-03T00:00:00Z', edited_by: null })
  ]
  expect(lastEdit({ translations, updated_at: '2026-01-01T00:00:00Z' })).toEqual({ at: '2026-01-03T00:00:00Z', by: null })
  expect(lastEdit({ translations: translations.slice(0, 1), updated_at: '' })).toEqual({ at: '2026-01-02T00:00:00Z', by: 'Ann' })
  expect(lastEdit({ translations: [translation()], updated_at: '2026-01-01T00:00:00Z' })).toEqual({ at: '2026-01-01T00:00:00Z', by: null })
})

test('the share of helpful answers is a whole percentage', () => {
  expect(helpfulShare({ answers: 0, helpful: 0 })).toBeNull()
  expect(helpfulShare({ answers: 3, helpful: 2 })).toBe('67 %')
})

describe('the list of articles in the URL', () => {
  test('ignores what it does not know', () => {
    const none = { q: '', category_id: '', audience: '', state: '', page: 1 }
    expect(parseArticleQuery({})).toEqual(none)
    expect(parseArticleQuery({ q: ['a'], category_id: '1', audience: 'nobody', state: 'open', page: '-1' })).toEqual(none)
    expect(isArticleListNarrowed(parseArticleQuery({ page: '2' }))).toBe(false)
  })

  test('is read as it was written', () => {
    const query = { q: 'vpn', category_id: id, audience: 'public', state: 'draft', page: 3 } as const
    expect(articleAddress(query)).toEqual({ ...query, page: '3' })
    expect(parseArticleQuery(articleAddress(query))).toEqual(query)
    expect(isArticleListNarrowed(query)).toBe(true)
    expect(articleApiQuery({ ...query, audience: '', page: 1 })).toEqual({
      q: 'vpn',
      category_id: id,
      state: 'draft',
      page: 1,
      page_size: 25
    })
  })
})

test('the form for a new article needs a title', () => {
  expect(newArticleSchema.safeParse(newArticleFields()).success).toBe(false)
  expect(newArticleSchema.parse({ ...newArticleFields(), title: ' VPN ' })).toEqual({
    title: 'VPN',
    locale: 'en',
    category_id: null,
    audience: 'internal'
  })
})

test('the form for a category takes an empty German name for none', () => {
  expect(articleCategoryFields()).toEqual({ name: '', german: '' })
  expect(articleCategorySchema.parse({ name: 'Network', german: ' ' })).toEqual({ name: 'Network', german: null })
})

test('the "/" menu finds blocks by the beginnings of words', () => {
  const find = (query: string) => searchBlocks(query).map(({ id }) => id)
  expect(find('')).toHaveLength(10)
  expect(find('head')).toEqual(['heading'])
  expect(find('list')).toEqual(['bullets', 'numbers'])
  expect(find('num li')).toEqual(['numbers'])
  expect(find('h3')).toEqual(['subheading'])
  expect(find('eading')).toEqual([])
})
