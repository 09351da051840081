import { beforeAll, describe, expect, test } from 'vitest'
import type { Article, ArticleSuggestions, Page, PublicArticle, PublicArticleText } from '#shared/types/api'
import { api, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { ann, bob, vera, type TeamWorld } from '../support/world.ts'

describeRouteRights('public')

describe('public articles', () => {
  let team: TeamWorld
  let path: string
  const secrets = /Gold customers|Escalation numbers|Never tell|Draft of Bob|Changed since/
  beforeAll(async () => {
    team = await newTeam()
    path = `/public/t-${team.id.slice(0, 18)}/articles`
    const add = async (audience: string, title: string, content: string) => {
      const { body } = await api<Article>(ann, 'POST', `/teams/${team.id}/articles`, { title, content, audience })
      await api(ann, 'PUT', `/teams/${team.id}/articles/${body.id}/publications/en`, { version: 1 })
      return body.id
    }
    const vpn = await add('public', 'Set up the VPN', '# Before\n\nYou need a certificate. Open the <b>VPN</b> client and choose it.')
    await api(ann, 'PUT', `/teams/${team.id}/articles/${vpn}/drafts/en`, { title: 'Changed since', content: 'Changed since', version: 1 })
    await add('clients', 'VPN for Gold customers', 'The VPN of Gold customers needs a certificate.')
    await add('internal', 'Escalation numbers of the VPN', 'Never tell clients about the VPN certificate.')
    await api(bob, 'POST', `/teams/${team.id}/articles`, { title: 'VPN', content: 'Draft of Bob: VPN certificate', audience: 'public' })
  }, 60_000)

  test('anybody reads what is public, and not a byte of anything else', async () => {
    const { body: list } = await api<PublicArticle[]>(null, 'GET', path)
    expect(list.map(({ title }) => title)).toEqual(['Restart the printer', 'Set up the VPN'])
    const suggested = await api<ArticleSuggestions>(null, 'GET', `${path}/suggest?q=vpn+certificate+gold+escalation+draft+changed`)
    expect(suggested.body.articles.map(({ title }) => title)).toEqual(['Set up the VPN'])
    const { body } = await api<PublicArticleText>(null, 'GET', `${path}/set-up-the-vpn`)
    expect(body).toMatchObject({ title: 'Set up the VPN', languages: [{ locale: 'en', slug: 'set-up-the-vpn' }] })
    for (const answer of [list, suggested.body, body]) expect(JSON.stringify(answer)).not.toMatch(secrets)
    const other = await newTeam()
    const { body: foreign } = await api<Article>(ann, 'POST', `/teams/${other.id}/articles`, {
      title: 'Of another team',
      content: 'Text',
      audience: 'public'
    })
    await api(ann, 'PUT', `/teams/${other.id}/articles/${foreign.id}/publications/en`, { version: 1 })
    for (const name of ['vpn-for-gold-customers', 'escalation-numbers-of-the-vpn', 'of-another-team', 'vpn', 'nothing'])
      expectError(await api(null, 'GET', `${path}/${name}`), 404, 'not_found')
  })

  test('a member who is signed in reads no more here', async () => {
    expect((await api<PublicArticle[]>(ann, 'GET', path)).body).toHaveLength(2)
    expect(JSON.stringify((await api(ann, 'GET', `${path}/suggest?q=escalation+numbers+vpn`)).body)).not.toMatch(secrets)
  })

  test('members get suggestions of all audiences, and see who may read them', async () => {
    const suggest = (q: string) => api<ArticleSuggestions>(vera, 'GET', `/teams/${team.id}/articles/suggest?q=${q}`)
    const { body } = await suggest('vpn+certificate')
    expect(body.articles.map(({ audience }) => audience).sort()).toEqual(['clients', 'internal', 'public'])
    expect(JSON.stringify(body)).not.toMatch(/Draft of Bob|Changed since/)
    expect((await suggest('zeppelin+balloon+airship')).body).toEqual({ articles: [] })
  })

  test('a suggestion has the sentence that fits, escaped and with the words marked', async () => {
    const { body } = await api<ArticleSuggestions>(null, 'GET', `${path}/suggest?q=where+is+my+certificate+for+the+vpn+client`)
    expect(body.articles[0]!.sentence).toBe('Open <mark>the</mark> &lt;b&gt;<mark>VPN</mark>&lt;/b&gt; <mark>client</mark> and choose it.')
  })

  test('suggestions come from articles alone, never from tickets', async () => {
    await api(ann, 'POST', `/teams/${team.id}/tickets`, { subject: 'Zanzibar tunnel collapses', description: 'Zanzibar tunnel' })
    for (const route of [`${path}/suggest`, `/teams/${team.id}/articles/suggest`])
      expect((await api(ann, 'GET', `${route}?q=zanzibar+tunnel+collapses`)).body).toEqual({ articles: [] })
  })

  test('the list has pages, and prefers a language', async () => {
    const { body } = await api<Page<PublicArticle>>(null, 'GET', `${path}?page=2&page_size=1&locale=de`)
    expect(body).toMatchObject({ total: 2, page: 2, page_size: 1, data: [{ title: 'Set up the VPN', locale: 'en' }] })
  })

  test('bad input and unknown teams get a clear answer', async () => {
    for (const query of ['', '?q=', '?q=%20', `?q=${'x'.repeat(501)}`, '?q=a&locale=fr', '?q=a&x=1'])
      expectError(await api(null, 'GET', `${path}/suggest${query}`), 400, 'invalid')
    for (const q of ["'; --", ':*', '!&|', '%00', '%F0%9F%8D%95', 'a'.repeat(500), '手机端无法预览图纸', '<script>'])
      expect([200, 400], q).toContain((await api(null, 'GET', `${path}/suggest?q=${q}`)).status)
    for (const slug of ['no-team-has-this', 'x'.repeat(101), 'A', '..'])
      expectError(await api(null, 'GET', `/public/${slug}/articles`), 404, 'not_found')
    await database()`update teams set deleted_at = now() where id = ${team.id}`
    expectError(await api(null, 'GET', path), 404, 'not_found')
  })
})
