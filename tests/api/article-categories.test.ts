import { expect, test } from 'vitest'
import type { Article, ArticleCategory } from '#shared/types/api'
import { api, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { adam, bob } from '../support/world.ts'

describeRouteRights('article-categories')

test('categories are added, moved, renamed and deleted; their addresses stay', async () => {
  const team = await newTeam()
  const path = `/teams/${team.id}/article-categories`
  const { body: added } = await api<ArticleCategory>(adam, 'POST', path, { name: 'Fragen & Antworten', names: { en: 'Questions' } })
  expect(added).toMatchObject({ slug: 'fragen-antworten', position: 2, article_count: 0, names: { en: 'Questions' } })
  const { body: moved } = await api<ArticleCategory>(adam, 'PATCH', `${path}/${added.id}`, { position: 1, name: 'FAQ' })
  expect(moved).toMatchObject({ slug: 'fragen-antworten', position: 1, name: 'FAQ', names: { en: 'Questions' } })
  const names = async () => (await api<ArticleCategory[]>(bob, 'GET', path)).body.map(({ name }) => name)
  expect(await names()).toEqual(['FAQ', 'Getting started'])
  expectError(await api(adam, 'POST', path, { name: 'faq' }), 409, 'name_taken')
  expect((await api(adam, 'DELETE', `${path}/${added.id}`)).status).toBe(204)
  expect(await names()).toEqual(['Getting started'])
})

test('a category with articles is not deleted, and counts them without archived ones', async () => {
  const team = await newTeam()
  const path = `/teams/${team.id}/article-categories`
  const articles = `/teams/${team.id}/articles`
  const { body } = await api<Article>(adam, 'POST', articles, { title: 'x', category_id: team.articleCategory })
  const count = async () => (await api<ArticleCategory[]>(adam, 'GET', path)).body[0]!.article_count
  expect(await count()).toBe(1)
  await api(adam, 'PATCH', `${articles}/${body.id}`, { is_archived: true })
  expect(await count()).toBe(0)
  expectError(await api(adam, 'DELETE', `${path}/${team.articleCategory}`), 409, 'category_used')
  await api(adam, 'PATCH', `${articles}/${body.id}`, { category_id: null })
  expect((await api(adam, 'DELETE', `${path}/${team.articleCategory}`)).status).toBe(204)
})
