import { beforeAll, describe, expect, test } from 'vitest'
import type { Article, ArticleImage } from '#shared/types/api'
import { api, database, expectError, newTeam, signIn } from '../support/api.ts'
import { FormBrowser } from '../support/form-browser.ts'
import { formOf, onePixel } from '../support/form.ts'
import { product } from '../support/own-product.ts'
import { newClient, openedBrowser, signedInBrowser, type Client } from '../support/portal-client.ts'
import { describeRouteRights } from '../support/routes.ts'
import { ann, bob, ivan, vera, type Person, type TeamWorld } from '../support/world.ts'

describeRouteRights('article-images')

const upload = (team: { id: string }, form = formOf(onePixel, { name: 'Screen [1].png' }), person: Person = bob) =>
  api<ArticleImage>(person, 'POST', `/teams/${team.id}/article-images`, form)
const statusFor = async (person: Person, team: { id: string }, id: string) =>
  (await api(person, 'GET', `/teams/${team.id}/article-images/${id}`)).status

describe('an upload', () => {
  test('returns what a text names the picture by, and its bytes are kept', async () => {
    const team = await newTeam()
    const { status, body } = await upload(team)
    expect(status).toBe(201)
    expect(body).toEqual({
      id: body.id,
      name: 'Screen [1].png',
      size: onePixel.length,
      content_type: 'image/png',
      address: `images/${body.id}.png`
    })
    const response = await fetch(`${product().baseUrl}/api/teams/${team.id}/article-images/${body.id}`, {
      headers: { authorization: `Bearer ${await signIn(bob)}` }
    })
    expect(Buffer.from(await response.arrayBuffer()).equals(onePixel)).toBe(true)
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': 'image/png',
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'private, max-age=300'
    })
    expect(await database()`select from uploads where id = ${body.id}`).toHaveLength(0)
  })

  test.each([
    ['an SVG image', '<svg xmlns="http://www.w3.org/2000/svg"/>', 'image/png'],
    ['a page', '<!doctype html><script>alert(1)</script>', 'image/png'],
    ['a text that is called a picture', 'Hello', 'image/jpeg']
  ])('refuses %s, and keeps nothing of it', async (_, content, type) => {
    const team = await newTeam()
    const count = async () =>
      (
        await database()<[{ count: number }]>`
          select (select count(*) from uploads where team_id = ${team.id})
            + (select count(*) from private.article_images where team_id = ${team.id}) as count`
      )[0].count
    const before = await count()
    expectError(await upload(team, formOf(content, { name: 'a.png', type })), 422, 'not_a_picture')
    expect(await count()).toBe(before)
  })
})

describe('a picture', () => {
  let client: Client
  let team: TeamWorld
  let image: ArticleImage
  let article: Article
  let opened: FormBrowser
  let signedIn: FormBrowser
  const path = () => `/teams/${team.id}/articles/${article.id}`
  const address = () => `/api/portal/${client.slug}/images/${image.id}`
  const visitor = new FormBrowser()
  const statuses = async () => ({
    visitor: (await visitor.get(address())).status,
    session: (await opened.get(address())).status,
    client: (await signedIn.get(address())).status,
    viewer: await statusFor(vera, team, image.id),
    author: await statusFor(bob, team, image.id),
    owner: await statusFor(ann, team, image.id),
    stranger: await statusFor(ivan, team, image.id)
  })
  const hidden = { visitor: 404, session: 404, client: 404, viewer: 404, author: 200, owner: 200, stranger: 404 }

  beforeAll(async () => {
    client = await newClient()
    team = client.team
    opened = await openedBrowser(client)
    signedIn = await signedInBrowser(client)
    image = (await upload(team)).body
    const text = { title: 'With a picture', content: `See ![the screen](${image.address}#640x480).`, audience: 'public' }
    article = (await api<Article>(bob, 'POST', `/teams/${team.id}/articles`, text)).body
  })

  test('is seen by those who may edit what names it, until that is published', async () => {
    const other = (await upload(team)).body
    expect(await statusFor(vera, team, other.id)).toBe(404)
    expect(await statusFor(bob, team, other.id)).toBe(200)
    expect(await statuses()).toEqual(hidden)
    const unknown = address().replace(image.id, '00000000-0000-4000-8000-000000000000')
    expect((await visitor.get(address())).html).toBe((await visitor.get(unknown)).html.replaceAll(unknown, address()))
  })

  test('is for everybody when a public article is published, with its place on the page, and caches may keep it shortly', async () => {
    expect((await api(ann, 'PUT', `${path()}/publications/en`, { version: 1 })).status).toBe(200)
    expect(await statuses()).toEqual({ ...hidden, visitor: 200, session: 200, client: 200, viewer: 200 })
    const { html } = await visitor.get(`/help/${client.slug}/articles/with-a-picture`)
    expect(html).toContain(`<img src="${address()}" alt="the screen" width="640" height="480" loading="lazy" decoding="async">`)
    const { headers } = await visitor.get(address())
    expect(headers.get('cache-control')).toBe('public, max-age=300')
    const again = await fetch(product().baseUrl + address(), { headers: { 'if-none-match': headers.get('etag')! } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  test('follows the audience of its article', async () => {
    await api(ann, 'PATCH', path(), { audience: 'clients' })
    expect(await statuses()).toEqual({ ...hidden, client: 200, viewer: 200 })
    expect((await signedIn.get(address())).headers.get('cache-control')).toBe('private, max-age=300')
    await api(ann, 'PATCH', path(), { audience: 'internal' })
    expect(await statuses()).toEqual({ ...hidden, viewer: 200 })
    await api(ann, 'PATCH', path(), { audience: 'public' })
    await api(ann, 'DELETE', `${path()}/publications/en`)
    expect(await statuses()).toEqual(hidden)
  })

  test('does not exist under the address of another team', async () => {
    await api(ann, 'PUT', `${path()}/publications/en`, { version: 1 })
    const other = await newTeam()
    expect(await statusFor(ann, other, image.id)).toBe(404)
    expect((await visitor.get(address().replace(client.slug, 'initech'))).status).toBe(404)
    expect((await visitor.get(address().replace(image.id, 'x'))).status).toBeGreaterThanOrEqual(400)
  })

  test('that a later scan finds infected is seen by nobody any more', async () => {
    await database()`update private.article_images set state = 'infected', signature = 'Eicar' where id = ${image.id}`
    expect(await statuses()).toEqual({ ...hidden, author: 404, owner: 404 })
  })
})
