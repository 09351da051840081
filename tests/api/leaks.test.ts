import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { ArticleImage } from '#shared/types/api'
import { api, database } from '../support/api.ts'
import { formOf, onePixel } from '../support/form.ts'
import type { FormBrowser } from '../support/form-browser.ts'
import { newClient, openedBrowser, signedInBrowser, type Client } from '../support/portal-client.ts'
import { adam, ann, bob } from '../support/world.ts'

// The headers that tell of the time and of the client's own requests.
const isOfRequest = (name: string) => name === 'date' || name.startsWith('ratelimit-')
const withoutNonce = (text: string) => text.replaceAll(/nonce="[^"]*"|'nonce-[^']*'/g, '')

/** Everything that a client can fetch, byte for byte: pages with their headers, searches, tags of unchanged pages. */
async function fetchAll(browser: FormBrowser, { path, slug }: Client): Promise<Record<string, string>> {
  const addresses = [
    path,
    ...['all', 'waiting', 'open', 'resolved'].map(state => `${path}?state=${state}`),
    ...['secret', 'vpn', 'adam', 'urgent', '%23001'].map(word => `${path}?q=${word}`),
    `${path}/1`,
    `${path}/2`,
    `${path}/new`,
    `${path}/sign-in`,
    '/portal',
    `/api/portal/${slug}/1/files/00000000-0000-4000-8000-000000000000`,
    `/api/portal/${slug}/images/00000000-0000-4000-8000-000000000000`,
    `/api/portal/${slug}/suggestions?lang=en&q=restart+the+secret+printer`,
    `/help/${slug}`,
    `/help/${slug}/articles`,
    `/help/${slug}/search?q=secret+printer+power`,
    `/help/${slug}/sitemap.xml`,
    `/help/${slug}/articles/secret-printer`,
    `/api/public/${slug}/articles`,
    `/api/public/${slug}/articles/suggest?q=restart+the+secret+printer`,
    `/api/public/${slug}/articles/restart-the-printer`,
    `/api/public/${slug}/articles/secret-printer`
  ]
  const answers: Record<string, string> = {}
  for (const address of addresses) {
    const { status, html, headers } = await browser.get(address)
    const kept = [...headers].filter(([name]) => !isOfRequest(name))
    answers[address] = withoutNonce([status, ...kept.map(line => line.join(': ')), html].join('\n'))
  }
  return answers
}

/** The mails to a client, after all events of the team were dispatched. */
async function mailsOf({ team, email }: Client): Promise<unknown> {
  for (let tries = 0; tries < 200; tries++) {
    const [{ waiting }] = await database()<
      [{ waiting: number }]
    >`select count(*)::integer as waiting from private.event_outbox where team_id = ${team.id}`
    if (waiting === 0) break
    await sleep(50)
  }
  return database()`
    select id, kind, state, data from mails where team_id = ${team.id} and recipient = ${email} order by id`
}

describe.each([
  ['a client with an account', signedInBrowser],
  ['a ticket session', openedBrowser]
])('%s', (_, open) => {
  test('fetches and receives the same bytes before and after a note with a file, a mention, tags, another assignee, an internal article and drafts', async () => {
    const client = await newClient()
    const { team } = client
    await database()`update teams set client_mails = array_remove(client_mails, 'assigned') where id = ${team.id}`
    const browser = await open(client)
    const ticket = `/teams/${team.id}/tickets/${team.tickets.bobs}`
    await browser.get(`${client.path}/1`) // it is read from now on, and the list says so
    const [before, mailsBefore] = [await fetchAll(browser, client), await mailsOf(client)]
    expect(before[`${client.path}/1`]).toContain('VPN drops')
    const noImage = await browser.get(`/api/portal/${client.slug}/images/00000000-0000-4000-8000-000000000000`)
    expect(noImage.status).toBe(404)

    const { body: upload } = await api<{ id: string }>(
      bob,
      'POST',
      `/teams/${team.id}/uploads`,
      formOf('A secret file', { name: 'secret.txt' })
    )
    const note = { content: `A secret about vpn and adam <@${ann.id}>`, is_internal: true, upload_ids: [upload.id] }
    const { status, body } = await api<{ id: string }>(bob, 'POST', `${ticket}/replies`, note)
    expect(status).toBe(201)
    const { body: second } = await api<{ id: string }>(bob, 'POST', `/teams/${team.id}/replies/${body.id}/attachments`, formOf('Another'))
    expect((await api(bob, 'PATCH', ticket, { add_tags: ['secret-tag'] })).status).toBe(200)
    expect((await api(ann, 'PATCH', ticket, { assigned_to: adam.id, severity: 1, priority: 'urgent' })).status).toBe(200)

    const text = { title: 'Secret printer', content: 'Restart the secret printer with the power button.' }
    const articles = `/teams/${team.id}/articles`
    const { body: internal } = await api<{ id: string }>(ann, 'POST', articles, text)
    expect((await api(ann, 'PUT', `${articles}/${internal.id}/publications/en`, { version: 1 })).status).toBe(200)
    expect((await api(ann, 'POST', articles, { ...text, audience: 'public' })).status).toBe(201) // a draft
    // Pictures of an internal article, and of the draft of a public one.
    const pictures = []
    for (const [article, version] of [
      [internal.id, 1],
      [team.articles.printer, 1]
    ] as const) {
      const { body: picture } = await api<ArticleImage>(
        ann,
        'POST',
        `/teams/${team.id}/article-images`,
        formOf(onePixel, { name: 'secret.png', type: 'image/png' })
      )
      pictures.push(picture.id)
      const draft = { ...text, content: `${text.content} ![secret](${picture.address})`, version }
      expect((await api(ann, 'PUT', `${articles}/${article}/drafts/en`, draft)).status).toBe(200)
    }
    expect((await api(ann, 'PUT', `${articles}/${internal.id}/publications/en`, { version: 2 })).status).toBe(200)

    expect(await fetchAll(browser, client)).toEqual(before)
    expect(await mailsOf(client)).toEqual(mailsBefore)
    for (const picture of pictures) {
      const { status, html } = await browser.get(`/api/portal/${client.slug}/images/${picture}`)
      expect([status, html]).toEqual([404, noImage.html])
    }
    for (const file of [upload.id, second.id]) expect((await browser.get(`/api/portal/${client.slug}/1/files/${file}`)).status).toBe(404)
  })
})
