import { expect, test } from 'vitest'
import { articleAddresses } from '#shared/article'
import { articleQueryOf } from '~/utils/app/text-query'
import {
  articleLink,
  articleOptions,
  insertedArticle,
  insertedIn,
  joinOptions,
  questionOf,
  suggestionOptions,
  withImageLinks
} from '~/utils/article/article-insert'

const id = '11111111-1111-4111-8111-111111111111'
const option = {
  id: `${id}-en`,
  article_id: id,
  locale: 'en',
  slug: 'any-printer',
  title: 'Restart [any] *printer*',
  audience: 'public'
} as const

test('the link to an article leads to the help centre, or to its page for agents if clients cannot read it', () => {
  expect(articleLink(option, 'acme', 'https://x.test')).toBe(
    '[Restart \\[any\\] \\*printer\\*](https://x.test/help/acme/articles/any-printer)'
  )
  expect(articleLink({ ...option, audience: 'internal' }, 'acme', 'https://x.test')).toContain(`(https://x.test/articles/${id})`)
})

test('every link that the app writes is found again in the text', () => {
  const texts = [articleLink(option, 'acme', 'https://x.test'), articleLink({ ...option, audience: 'internal' }, 'acme', 'https://x.test')]
  expect(articleAddresses(texts.join('\n'))).toEqual({ slugs: [{ team: 'acme', article: 'any-printer' }], ids: [id] })
})

test('addresses are found once, up to twenty, and nothing that only looks like one', () => {
  expect(articleAddresses('/help/a/articles/b /help/a/articles/b?lang=de http://h/help/a/articles/c#x')).toEqual({
    slugs: [
      { team: 'a', article: 'b' },
      { team: 'a', article: 'c' }
    ],
    ids: []
  })
  expect(articleAddresses('/help/a/articles/b_c /help/articles/b /articles/12 /help/A/articles/b')).toEqual({ slugs: [], ids: [] })
  const many = Array.from({ length: 30 }, (_, index) => `/help/a/articles/n${index}`).join(' ')
  expect(articleAddresses(many).slugs).toHaveLength(20)
})

test('an inserted text counts as long as one of its lines is left', () => {
  const text = 'Short\n\nHold the power button for ten seconds.\nPress it again and wait for the light.'
  const inserted = [insertedArticle('a', text), insertedArticle('b', 'Other'), insertedArticle('a', 'Other')]
  expect(insertedIn(`Hi,\n${text}`, inserted)).toEqual(['a'])
  expect(insertedIn('Please: Press it again and wait for the light.', inserted)).toEqual(['a'])
  expect(insertedIn('Something else', inserted)).toEqual([])
  expect(insertedIn('Text', undefined)).toEqual([])
  expect(insertedIn('Text', [insertedArticle('a', '\n \n')])).toEqual([])
})

test('each published language of an article is an option', () => {
  const translation = { slug: 'x', published_at: '2026-01-01T00:00:00Z', has_changes: false }
  const article = {
    id,
    audience: 'clients',
    translations: [
      { ...translation, locale: 'en', title: 'Hours' },
      { ...translation, locale: 'de', title: 'Zeiten' }
    ]
  }
  const options = articleOptions([
    article,
    { ...article, translations: [{ ...translation, locale: 'de', title: 'x', published_at: null }] }
  ] as never)
  expect(options.map(({ title, locale, isTranslated }) => [title, locale, isTranslated])).toEqual([
    ['Hours', 'en', true],
    ['Zeiten', 'de', true]
  ])
})

test.each([
  ['article', ''],
  ['article ', ''],
  ['articles reset pass', 'reset pass'],
  ['Article x', 'x'],
  ['art', null],
  ['articled', null]
])('“/%s” searches articles for %j', (query, words) => {
  expect(articleQueryOf({ trigger: '/', start: 0, query })).toBe(words)
  expect(articleQueryOf({ trigger: '@', start: 0, query })).toBeNull()
})

test('suggestions and titles are one list, in which an option keeps its sentence', () => {
  const suggested = suggestionOptions([
    { id, locale: 'en', slug: 'any-printer', title: 'Restart', audience: 'public', sentence: 'Hold the <mark>button</mark>.' }
  ])
  const other = { ...option, id: 'other-en', article_id: 'other', title: 'Other' }
  expect(joinOptions(suggested, [option, other]).map(({ id, sentence }) => [id, sentence])).toEqual([
    [`${id}-en`, 'Hold the <mark>button</mark>.'],
    ['other-en', undefined]
  ])
  expect(joinOptions([other, option], suggested).map(({ id, sentence }) => [id, sentence])).toEqual([
    ['other-en', undefined],
    [`${id}-en`, 'Hold the <mark>button</mark>.']
  ])
})

test('a ticket asks with its subject and the last message of the requester', () => {
  const ticket = { subject: 'It is broken', excerpt: 'Since Monday' }
  const reply = (author_kind: 'agent' | 'requester', content: string, is_internal = false) => ({ author_kind, content, is_internal })
  expect(questionOf(ticket, [reply('agent', 'Hi')])).toBe('It is broken\nSince Monday')
  expect(questionOf(ticket, [reply('requester', 'One'), reply('requester', 'Two'), reply('agent', 'Hi'), reply('agent', 'x', true)])).toBe(
    'It is broken\nTwo'
  )
})

test('pictures of an inserted text become links that its reader can open', () => {
  expect(withImageLinks(`a ![menu](images/${id}.png#1x2) ![](images/${id}.gif) ![x](https://x.test/a.png)`, 'https://h.test/i/')).toBe(
    `a [menu](https://h.test/i/${id}) [Picture](https://h.test/i/${id}) ![x](https://x.test/a.png)`
  )
})
