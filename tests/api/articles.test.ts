import { describe, expect, test } from 'vitest'
import type { Article, ArticleDraft, ArticleFeedback, ArticleRevision, ArticleRevisionText, ArticleSummary } from '#shared/types/api'
import { api, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, initech, unknownId, vera, type TeamWorld } from '../support/world.ts'

describeRouteRights('articles')

test('the list of gaps has what people did not find, what was ignored, unhelpful or stale and what is missing, the most frequent first', async () => {
  const team = await newTeam()
  const article_id = team.articles.printer
  const sql = database()
  const asked = { team_id: team.id, article_id: null, times: 1 }
  const old = new Date(Date.now() - 100 * 86_400_000)
  await sql`insert into article_questions ${sql([
    { ...asked, outcome: 'not_found', question: 'toner', times: 7, day: new Date() },
    { ...asked, outcome: 'not_found', question: 'toner', times: 2, day: new Date(Date.now() - 86_400_000) },
    { ...asked, outcome: 'not_found', question: 'old', times: 99, day: old },
    { ...asked, outcome: 'ignored', question: 'it is pink', article_id, times: 3, day: new Date() },
    { ...asked, outcome: 'answered', question: 'restart', article_id, times: 50, day: new Date() }
  ])}`
  await sql`insert into article_feedback ${sql(
    [1, 2, 3, 4, 5].map(n => ({
      team_id: team.id,
      article_id,
      locale: 'en',
      visitor: Buffer.from([n]),
      is_helpful: n === 1,
      missing: n === 2 ? 'A picture' : null
    }))
  )}`
  const ticket = team.tickets.unassigned
  await api(bob, 'PUT', `/teams/${team.id}/tickets/${ticket}/articles/${article_id}`)
  for (const status of ['resolved', 'open', 'resolved', 'open'])
    expect((await api(bob, 'PATCH', `/teams/${team.id}/tickets/${ticket}`, { status })).status).toBe(200)
  const { body } = await api<{ gaps: { kind: string; text: string | null; times: number }[] }>(
    bob,
    'GET',
    `/teams/${team.id}/articles/gaps`
  )
  expect(body.gaps.map(({ kind, text, times }) => [kind, text, times])).toEqual([
    ['not_found', 'toner', 9],
    ['unhelpful', null, 4],
    ['ignored', 'it is pink', 3],
    ['missing', 'A picture', 1],
    ['stale', null, 1]
  ])
  expect(body.gaps[1]).toMatchObject({ article: { id: article_id, title: 'Restart the printer' } })
})

const pathOf = (team: { id: string }) => `/teams/${team.id}/articles`
const printerOf = (team: TeamWorld) => `${pathOf(team)}/${team.articles.printer}`

describe('an article', () => {
  test('is begun as a draft, edited, published and edited again without a change for its readers', async () => {
    const team = await newTeam()
    const { status, body: begun } = await api<Article>(bob, 'POST', pathOf(team), { title: 'VPN', locale: 'de', audience: 'public' })
    expect(status).toBe(201)
    expect(begun).toMatchObject({ audience: 'public', is_published: false, category_id: null, created_by: bob.id, archived_at: null })
    expect(begun.translations).toMatchObject([
      { locale: 'de', slug: null, published: null, draft: { title: 'VPN', content: '', version: 1, has_changes: true } }
    ])
    const path = `${pathOf(team)}/${begun.id}`
    const { body: saved } = await api<ArticleDraft>(bob, 'PUT', `${path}/drafts/de`, { title: 'VPN', content: 'Text\r\n ', version: 1 })
    expect(saved).toMatchObject({ content: 'Text\r\n ', version: 2, updated_by: { id: bob.id, full_name: bob.name } })
    expectError(await api(bob, 'PUT', `${path}/publications/de`, { version: 2 }), 403, 'forbidden')
    const { body: published } = await api<Article>(adam, 'PUT', `${path}/publications/de`, { version: 2, note: 'First' })
    expect(published.translations[0]).toMatchObject({
      slug: 'vpn',
      published: { number: 1, title: 'VPN', content: 'Text\r\n ' },
      draft: { has_changes: false }
    })
    await api(bob, 'PUT', `${path}/drafts/de`, { title: 'VPN 2', content: 'Other', version: 2 })
    const { body: seen } = await api<Article>(vera, 'GET', path)
    expect(seen.translations).toMatchObject([{ published: { title: 'VPN', content: 'Text\r\n ' }, draft: null }])
  })

  test('needs a title and a text to be published', async () => {
    const team = await newTeam()
    const { body } = await api<Article>(adam, 'POST', pathOf(team), {})
    const path = `${pathOf(team)}/${body.id}`
    expectError(await api(adam, 'PUT', `${path}/publications/en`, { version: 1 }), 422, 'article_untitled')
    await api(adam, 'PUT', `${path}/drafts/en`, { title: 'x', content: ' ', version: 1 })
    expectError(await api(adam, 'PUT', `${path}/publications/en`, { version: 2 }), 422, 'article_empty')
    expectError(await api(adam, 'PUT', `${path}/publications/de`, { version: 1 }), 404, 'not_found')
  })

  test('of two editors, the second gets the stored draft and can merge', async () => {
    const team = await newTeam()
    const draft = `${printerOf(team)}/drafts/en`
    await api(ann, 'PUT', draft, { title: 'T', content: 'By Ann', version: 1 })
    const refused = await api<{ data: { current: ArticleDraft } }>(adam, 'PUT', draft, { title: 'T', content: 'By Adam', version: 1 })
    expectError(refused, 409, 'conflict')
    expect(refused.body.data.current).toMatchObject({ content: 'By Ann', version: 2, updated_by: { id: ann.id } })
    expectError(await api(adam, 'PUT', `${printerOf(team)}/publications/en`, { version: 1 }), 409, 'conflict')
    expect((await api<ArticleDraft>(adam, 'PUT', draft, { title: 'T', content: 'By both', version: 2 })).body.version).toBe(3)
  })

  test('names no category of another team', async () => {
    const team = await newTeam()
    for (const category_id of [acme.articleCategory, initech.articleCategory, unknownId]) {
      expectError(await api(adam, 'POST', pathOf(team), { title: 'x', category_id }), 400, 'unknown_category')
      expectError(await api(adam, 'PATCH', printerOf(team), { category_id }), 400, 'unknown_category')
    }
  })

  test('that was published is deleted with a replacement, or for good', async () => {
    const team = await newTeam()
    expectError(await api(adam, 'DELETE', printerOf(team)), 409, 'replacement_needed')
    for (const id of [team.articles.bobs, team.articles.printer, initech.articles.printer, unknownId])
      expectError(await api(adam, 'DELETE', `${printerOf(team)}?replacement_id=${id}`), 400, 'invalid')
    expectError(await api(adam, 'DELETE', `${printerOf(team)}?replacement_id=${team.articles.bobs}&final=true`), 400, 'invalid')
    expect((await api(adam, 'DELETE', `${printerOf(team)}?final=true`)).status).toBe(204)
    expectError(await api(adam, 'GET', printerOf(team)), 404, 'not_found')
  })

  test('keeps its readers until it is withdrawn or archived', async () => {
    const team = await newTeam()
    const read = () => api<Article>(vera, 'GET', printerOf(team))
    expect((await read()).status).toBe(200)
    expect((await api(adam, 'DELETE', `${printerOf(team)}/publications/en`)).status).toBe(204)
    expectError(await read(), 404, 'not_found')
    await api(adam, 'PUT', `${printerOf(team)}/publications/en`, { version: 1 })
    expect((await read()).body.translations[0]!.published).toMatchObject({ number: 2 })
    await api(adam, 'PATCH', printerOf(team), { is_archived: true })
    expectError(await read(), 404, 'not_found')
    expectError(await api(adam, 'PUT', `${printerOf(team)}/publications/en`, { version: 1 }), 409, 'article_archived')
  })

  test('has an address that leads on when it changes, and that no other article takes', async () => {
    const team = await newTeam()
    const rename = (id: string, slug: string) => api<Article>(adam, 'PATCH', `${pathOf(team)}/${id}/translations/en`, { slug })
    expect((await rename(team.articles.printer, 'printer')).body.translations[0]!.slug).toBe('printer')
    for (const slug of ['printer', 'restart-the-printer']) expectError(await rename(team.articles.bobs, slug), 409, 'slug_taken')
  })
})

describe('revisions', () => {
  test('are listed with their authors, read and restored into the draft', async () => {
    const team = await newTeam()
    const path = printerOf(team)
    await api(adam, 'PUT', `${path}/drafts/en`, { title: 'Printer', content: 'Second', version: 1 })
    await api(adam, 'PUT', `${path}/publications/en`, { version: 2, note: 'Shorter' })
    const { body: revisions } = await api<ArticleRevision[]>(adam, 'GET', `${path}/revisions`)
    expect(revisions).toMatchObject([
      { number: 2, kind: 'published', note: 'Shorter', is_current: true, created_by: { full_name: adam.name } },
      { number: 1, kind: 'published', note: null, is_current: false, created_by: { full_name: ann.name } }
    ])
    expect((await api<ArticleRevision[]>(adam, 'GET', `${path}/revisions?locale=de`)).body).toEqual([])
    const first = `${path}/revisions/${revisions[1]!.id}`
    expect((await api<ArticleRevisionText>(adam, 'GET', first)).body.content).toBe('Hold the *power* button for ten seconds.')
    // Members who may not edit the article see what is published now.
    expect((await api<ArticleRevision[]>(vera, 'GET', `${path}/revisions`)).body.map(({ number }) => number)).toEqual([2])
    expectError(await api(vera, 'GET', first), 404, 'not_found')

    expectError(await api(adam, 'POST', `${first}/restore`, { version: 1 }), 409, 'conflict')
    const { body: draft } = await api<ArticleDraft>(adam, 'POST', `${first}/restore`, { version: 2 })
    expect(draft).toMatchObject({ content: 'Hold the *power* button for ten seconds.', version: 3, has_changes: true })
  })
})

describe('what readers say', () => {
  test('is counted at the article and listed with the texts', async () => {
    const team = await newTeam()
    const add = (visitor: string, is_helpful: boolean, missing: string | null) => database()`
      insert into public.article_feedback (team_id, article_id, locale, visitor, is_helpful, missing)
      values (${team.id}, ${team.articles.printer}, 'en', ${visitor}, ${is_helpful}, ${missing})`
    await add('a', true, null)
    await add('b', true, null)
    await add('c', false, 'Where is the button?')
    const feedback = { answers: 3, helpful: 2 }
    expect((await api<Article>(vera, 'GET', printerOf(team))).body).toMatchObject({ feedback })
    const { body: list } = await api<ArticleSummary[]>(vera, 'GET', pathOf(team))
    expect(list.find(({ id }) => id === team.articles.printer)).toMatchObject({ feedback })
    const { body: answers } = await api<ArticleFeedback[]>(vera, 'GET', `${printerOf(team)}/feedback`)
    expect(answers.map(({ is_helpful }) => is_helpful).sort()).toEqual([false, true, true])
    const { body: texts } = await api<ArticleFeedback[]>(vera, 'GET', `${printerOf(team)}/feedback?with_text=true`)
    expect(texts).toMatchObject([{ locale: 'en', is_helpful: false, missing: 'Where is the button?' }])
    expect(texts[0]).not.toHaveProperty('visitor')
    expectError(await api(vera, 'GET', `${pathOf(team)}/${team.articles.bobs}/feedback`), 404, 'not_found')
  })
})

describe('the list of articles', () => {
  test('is filtered by words of titles, category, audience and state', async () => {
    const team = await newTeam()
    const find = async (query: string, as = adam) =>
      (await api<ArticleSummary[]>(as, 'GET', `${pathOf(team)}?${query}`)).body.map(({ translations }) => translations[0]!.title).sort()
    const [printer, password] = ['Restart the printer', 'Reset a password']
    expect(await find('')).toEqual([password, printer])
    expect(await find('', bob)).toEqual([password, printer])
    expect(await find('', vera)).toEqual([printer])
    expect(await find('q=RESTART printer')).toEqual([printer])
    expect(await find('q=100%25')).toEqual([])
    expect(await find('audience=internal')).toEqual([password])
    expect(await find('state=draft')).toEqual([password])
    expect(await find('state=published')).toEqual([printer])
    expect(await find('state=changed')).toEqual([])
    await api(adam, 'PUT', `${printerOf(team)}/drafts/en`, { title: 'Other title', content: 'x', version: 1 })
    expect(await find('state=changed')).toEqual([printer])
    const listed = async (as: typeof adam) =>
      (await api<ArticleSummary[]>(as, 'GET', `${pathOf(team)}?state=changed`)).body.map(({ translations }) => translations[0]!)
    expect(await listed(adam)).toMatchObject([{ edited_by: { id: adam.id }, edited_at: expect.any(String) as string }])
    expect(await listed(vera)).toEqual([])
    expect((await api<ArticleSummary[]>(vera, 'GET', pathOf(team))).body[0]!.translations).toMatchObject([
      { edited_by: null, edited_at: null }
    ])
    await api(adam, 'PATCH', printerOf(team), { category_id: team.articleCategory })
    expect(await find(`category_id=${team.articleCategory}`)).toEqual([printer])
    await api(adam, 'PATCH', printerOf(team), { is_archived: true })
    expect(await find('')).toEqual([password])
    expect(await find('state=archived')).toEqual(['Other title'])
  })
})
