import { beforeAll, describe, expect, test } from 'vitest'
import type { Article } from '#shared/types/api'
import { api, database, newTeam } from '../support/api.ts'
import { loadArticles } from '../../supabase/demo/articles.ts'
import { FormBrowser, type FormPage } from '../support/form-browser.ts'
import { newClient, openedBrowser, signedInBrowser, type Client } from '../support/portal-client.ts'
import { ann, bob } from '../support/world.ts'

const guest = (language = 'en') => new FormBrowser({ language })

/** Publishes an article of Ann in each of the given languages. */
async function publish(
  team: { id: string },
  {
    audience = 'public',
    category_id = null as string | null,
    ...texts
  }: { audience?: string; category_id?: string | null } & Partial<Record<'en' | 'de', [title: string, content: string]>>
): Promise<string> {
  const path = `/teams/${team.id}/articles`
  const [first, ...others] = Object.entries(texts)
  const [locale, [title, content]] = first!
  const { body } = await api<Article>(ann, 'POST', path, { locale, title, content, audience, category_id })
  for (const [locale, [title, content]] of others)
    await api(ann, 'PUT', `${path}/${body.id}/drafts/${locale}`, { title, content, version: null })
  for (const locale of Object.keys(texts)) await api(ann, 'PUT', `${path}/${body.id}/publications/${locale}`, { version: 1 })
  return body.id
}

const titlesOf = ({ html }: FormPage) =>
  [...html.matchAll(/<a [^>]*href="\/help\/[^"]+\/articles\/[^"]+"[^>]*>(.*?)<\/a>/gs)].map(match =>
    match[1]!.replace(/<[^>]*>/g, '').trim()
  )

describe('the help centre', () => {
  let client: Client
  let home: string
  beforeAll(async () => {
    client = await newClient()
    const { team, slug } = client
    home = `/help/${slug}`
    await publish(team, {
      category_id: team.articleCategory,
      en: [
        'Set up VPN',
        '# Before\n\nYou need a [certificate](https://ca.test/x).\n\n<script>alert(1)</script>\n\n![logo](https://x.test/y.png)'
      ],
      de: ['VPN einrichten', '# Vorher\n\nSie brauchen ein Zertifikat.']
    })
    await publish(team, { en: ['Hidden from guests', 'For clients with a contract.'], audience: 'clients' })
    await publish(team, { en: ['Escalation numbers', 'Never tell clients.'], audience: 'internal' })
    await api(bob, 'POST', `/teams/${team.id}/articles`, { title: 'Unpublished thoughts', content: 'Draft of Bob', audience: 'public' })
  }, 60_000)

  const pages = () => [home, `${home}/articles`, `${home}/search?q=clients+contract+draft+escalation+vpn`, `${home}/sitemap.xml`]

  test('guests, ticket sessions and members see what is public, and not a byte of anything else', async () => {
    const session = await openedBrowser(client)
    for (const browser of [guest(), session]) {
      for (const path of [
        ...pages(),
        `${home}/articles/hidden-from-guests`,
        `${home}/articles/escalation-numbers`,
        `${home}/articles/unpublished-thoughts`
      ]) {
        const { html } = await browser.get(path)
        expect(html, path).not.toMatch(/Hidden from guests|contract\.|Escalation numbers|Never tell|Unpublished thoughts|Draft of Bob/)
      }
      for (const name of ['hidden-from-guests', 'escalation-numbers', 'unpublished-thoughts', 'nothing'])
        expect((await browser.get(`${home}/articles/${name}`)).status, name).toBe(404)
      expect(titlesOf(await browser.get(home))).toEqual(['Set up VPN', 'Restart the printer'])
    }
  })

  test('a signed-in client also reads what is for clients', async () => {
    const browser = await signedInBrowser(client)
    expect(titlesOf(await browser.get(`${home}/articles`)).sort()).toEqual(['Hidden from guests', 'Restart the printer', 'Set up VPN'])
    const page = await browser.get(`${home}/articles/hidden-from-guests`)
    expect(page.status).toBe(200)
    expect(page.html).toContain('noindex')
    for (const path of pages())
      expect((await browser.get(path)).html, path).not.toMatch(/Escalation numbers|Never tell|Unpublished|Draft of Bob/)
  })

  test('an article is rendered safely, with its address, and without a script', async () => {
    const { html, headers, status } = await guest().get(`${home}/articles/set-up-vpn`)
    expect(status).toBe(200)
    expect(html).toContain('<h1')
    expect(html).toMatch(/<h2[^>]*>Before<\/h2>/)
    expect(html).toMatch(/<link [^>]*rel="canonical" href="http[^"]+\/articles\/set-up-vpn"/)
    expect(html).toMatch(/<link [^>]*rel="alternate" hreflang="de" href="http[^"]+\/articles\/vpn-einrichten"/)
    expect(html).toContain('property="og:title" content="Set up VPN"')
    expect(html).toContain('name="description" content="Before You need a certificate.')
    expect(html).toContain('&lt;script&gt;alert(1)')
    expect(html).not.toContain('<img')
    expect(html).toMatch(/<a href="https:\/\/ca\.test\/x" rel="noopener noreferrer nofollow ugc"/)
    expect(html.replace(/<meta (?:[^"'>]|"[^"]*")*>/g, '')).not.toContain('<script')
    expect(Buffer.byteLength(html)).toBeLessThan(30_000)
    expect(headers.get('cache-control')).toBe('no-store')
  })

  test('pages are in the language of the reader; an article that is not translated says so', async () => {
    const german = guest('de')
    const overview = await german.get(home)
    expect(overview.headers.get('content-language')).toBe('de')
    expect(titlesOf(overview)).toEqual(['VPN einrichten', 'Restart the printer'])
    expect(overview.html).toContain('auf Englisch')
    expect((await german.get(`${home}/articles/restart-the-printer`)).html).toContain('Diesen Artikel gibt es nur auf Englisch.')
    const translated = await german.get(`${home}/articles/set-up-vpn`)
    expect(translated.html).toContain('Read in German')
    const chosen = await guest('en').get(`${home}?lang=de`)
    expect(chosen.html).toContain('Wie können wir helfen?')
    expect(chosen.html).toContain('/categories/getting-started?lang=de')
  })

  test('the team chooses the languages and which one is for everybody else; an article in another one is still shown', async () => {
    const own = await newClient()
    const path = `/help/${own.slug}`
    await publish(own.team, { en: ['Opening hours', 'From nine to five.'], de: ['Öffnungszeiten', 'Von neun bis fünf.'] })
    await publish(own.team, { de: ['Feiertage', 'Geschlossen.'] })
    const page = async (browser: FormBrowser, address: string) => (await browser.get(address)).html
    const choose = async (help_locales: string[]) =>
      expect((await api(ann, 'PATCH', `/teams/${own.team.id}`, { help_locales })).status).toBe(200)

    expect(await page(guest('fr'), path)).toMatch(/<html[^>]* lang="en"[^]*hreflang="de"/)
    await choose(['de', 'en'])
    expect(await page(guest('fr'), path)).toMatch(/<html[^>]* lang="de"[^]*hreflang="en"/)
    expect(await page(guest('en'), path)).toMatch(/<html[^>]* lang="en"/)
    await choose(['en'])
    for (const browser of [guest('de'), await signedInBrowser(own)]) {
      await database()`update contacts set locale = 'de' where id = ${own.team.contacts.carla}`
      for (const address of [path, `${path}?lang=de`]) {
        const html = await page(browser, address)
        expect(html).toMatch(/<html[^>]* lang="en"/)
        expect(html).not.toContain('hreflang="de"')
        expect(html).toContain('Opening hours')
        expect(html).toContain('Feiertage')
      }
    }
    const html = await page(guest('de'), `${path}/articles/feiertage`)
    expect(html).toMatch(/<html[^>]* lang="en"/)
    expect(html).toContain('Geschlossen.')
  })

  test('a former address answers 301, an unknown one a page in the language of the reader', async () => {
    const team = await newTeam()
    const [{ slug }] = await database()<[{ slug: string }]>`select slug from teams where id = ${team.id}`
    await api(ann, 'PATCH', `/teams/${team.id}/articles/${team.articles.printer}/translations/en`, { slug: 'printer' })
    const moved = await guest().get(`/help/${slug}/articles/restart-the-printer`)
    expect([moved.status, moved.location]).toEqual([301, `/help/${slug}/articles/printer`])
    for (const path of [`/help/${slug}/x`, `/help/${slug}/categories/x`, `/help/${slug}/articles/x/y`, '/help/no-team-has-this', '/help']) {
      const page = await guest('de').get(path)
      expect(page.status, path).toBe(404)
      expect(page.html, path).toMatch(/Diesen Artikel gibt es nicht|Hier ist nichts/)
    }
  })

  test('a search marks what it found, and survives anything that is typed', async () => {
    const found = await guest().get(`${home}/search?q=certif`)
    expect(titlesOf(found)).toEqual(['Set up VPN'])
    expect(found.html).toMatch(/<mark[^>]*>certif<\/mark>/)
    expect(titlesOf(await guest('de').get(`${home}/search?q=vpn`))).toEqual(['VPN einrichten'])
    for (const q of ['', '%20', "'--", '%00', '<script>', '%22', ':*', '!', 'x'.repeat(300), 'a&q=b'])
      expect((await guest().get(`${home}/search?q=${q}`)).status, q).toBe(200)
  })

  test('the site map names every public address with its languages', async () => {
    const { html, headers } = await guest().get(`${home}/sitemap.xml`)
    expect(headers.get('content-type')).toBe('application/xml; charset=utf-8')
    expect([...html.matchAll(/<loc>[^<]*\/articles\/([^<]*)<\/loc><lastmod>/g)].map(match => match[1])).toEqual([
      'restart-the-printer',
      'set-up-vpn',
      'vpn-einrichten'
    ])
    expect(html.match(/hreflang="de"/g)).toHaveLength(2)
    expect((await guest().get('/help/no-team-has-this/sitemap.xml')).status).toBe(404)
  })

  test('a visitor answers whether an article helped, and then what is missing', async () => {
    const browser = guest()
    const path = `${home}/articles/set-up-vpn`
    const answered = await browser.post(path, { helpful: 'no' })
    expect([answered.status, answered.location]).toEqual([303, `${path}?rated=no#feedback`])
    expect((await browser.get(`${path}?rated=no`)).html).toContain('What is missing?')
    const tooLong = await browser.post(path, { helpful: 'no', missing: 'x'.repeat(2_001) })
    expect(tooLong.status).toBe(422)
    expect(tooLong.html).toContain('x'.repeat(2_001))
    const sent = await browser.post(path, { helpful: 'no', missing: 'A picture' })
    expect(sent.location).toBe(`${path}?rated=sent#feedback`)
    const rows = () => database()`select is_helpful, missing, locale from article_feedback where team_id = ${client.team.id}`
    expect(await rows()).toEqual([{ is_helpful: false, missing: 'A picture', locale: 'en' }])
    await browser.post(path, { helpful: 'yes' })
    expect(await rows()).toEqual([{ is_helpful: true, missing: 'A picture', locale: 'en' }])
    expect((await browser.post(path, { helpful: 'yes' }, { 'origin': 'https://evil.test', 'sec-fetch-site': 'cross-site' })).status).toBe(
      403
    )
    expect((await browser.post(path, { helpful: 'maybe' })).status).toBe(422)
    expect((await browser.post(`${home}/articles/escalation-numbers`, { helpful: 'yes' })).status).toBe(404)
  })
})

test('every page of the help centre of the demo has at most 30 kB of HTML, and articles and lists need no script', async () => {
  const { team, slug } = await newClient()
  await database()`delete from article_categories where team_id = ${team.id}`
  await database().begin(sql => loadArticles(sql, team.id, ann.id, { publishedAt: new Date() }))
  const home = `/help/${slug}`
  const list = await guest().get(`${home}/sitemap.xml`)
  const articles = [...list.html.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, address]) => new URL(address!).pathname)
  expect(articles.length).toBeGreaterThan(30)
  const overview = (await guest().get(home)).html
  const categories = [...overview.matchAll(/href="(\/help\/[^"]+\/categories\/[^"?]+)/g)].map(([, path]) => path!)
  expect(categories.length).toBeGreaterThan(3)
  for (const path of [home, `${home}?lang=de`, `${home}/articles`, `${home}/search?q=files+sync`, ...categories, ...articles]) {
    const { html, status } = await guest().get(path)
    expect(status, path).toBe(200)
    expect(Buffer.byteLength(html), path).toBeLessThanOrEqual(30_000)
    const hasSearch = path.startsWith(`${home}/search`) || path === home || path === `${home}?lang=de`
    if (!hasSearch) expect(html.replace(/<meta (?:[^"'>]|"[^"]*")*>/g, ''), path).not.toContain('<script')
  }
}, 120_000)
