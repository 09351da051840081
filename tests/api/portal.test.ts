import { createHash, randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import type { EndedSessions } from '#shared/types/api'
import { api, database } from '../support/api.ts'
import { formOf } from '../support/form.ts'
import { FormBrowser, type FormPage } from '../support/form-browser.ts'
import { mailsTo, newAddress } from '../support/mail.ts'
import { type Client, linkTo, newClient, openedBrowser, signedInBrowser, signInToken } from '../support/portal-client.ts'
import { ann, bob } from '../support/world.ts'

/** The token of a link to sign in that came after the one with the token `before`. */
async function newestToken(email: string, before: string): Promise<string> {
  for (let count = 2; ; count++) {
    await mailsTo(email, count)
    const token = await signInToken(email)
    if (token !== before) return token
  }
}

describe('a link to a ticket', () => {
  test('opens the ticket after a click, and neither a GET nor a HEAD opens anything', async () => {
    const client = await newClient()
    const { path, token } = await linkTo(client)
    const browser = new FormBrowser()
    const page = await browser.get(`${path}?k=${token}`)
    expect(page.status).toBe(200)
    expect(page.html).toContain('Open my request')
    expect(page.html).toContain('Cleo Client')
    expect(page.html).not.toContain('VPN drops')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.headers.get('referrer-policy')).toBe('no-referrer')
    expect(browser.cookies.size).toBe(0)
    expect(await database()`select from private.ticket_sessions where team_id = ${client.team.id}`).toHaveLength(0)
    expect(await browser.post(path, { k: token })).toMatchObject({ status: 303, location: `${client.path}/1` })
    const ticket = await browser.get(`${client.path}/1`)
    expect(ticket.status).toBe(200)
    expect(ticket.html).toContain('VPN drops every hour')
    expect(ticket.html).toContain('You see this request as Cleo Client.')
    expect(ticket.html).not.toContain('firewall')
    expect(ticket.html).not.toContain(client.team.id)
    // A second click on the mail.
    expect(await browser.get(`${path}?k=${token}`)).toMatchObject({ status: 303, location: `${client.path}/1` })
  })

  test('has a cookie that scripts and other sites do not get', async () => {
    const client = await newClient()
    const { path, token } = await linkTo(client)
    const { headers } = await new FormBrowser().post(path, { k: token })
    expect(headers.getSetCookie().find(line => line.startsWith('sb-switchboard-ticket='))).toMatch(
      /HttpOnly.*SameSite=Lax|SameSite=Lax.*HttpOnly/i
    )
  })

  test.each([
    ['guessed', (_: Client, token: string) => [`?k=${token.slice(0, -1)}x`, 1] as const],
    ['of another ticket', (_: Client, token: string) => [`?k=${token}`, 2] as const]
  ])('that is %s does not work', async (_, change) => {
    const client = await newClient()
    const { token } = await linkTo(client)
    const [query, number] = change(client, token)
    const page = await new FormBrowser().get(`/p/${client.slug}/${number}${query}`)
    expect(page.status).toBe(404)
    expect(page.html).toContain('This link does not work any more')
  })

  test('opens one ticket and no list', async () => {
    const client = await newClient()
    await database()`update public.tickets set contact_id = ${client.contact} where team_id = ${client.team.id}`
    const browser = await openedBrowser(client)
    expect(await browser.get(`${client.path}/2`)).toMatchObject({ status: 303, location: `${client.path}/sign-in?ticket=2` })
    expect(await browser.get(client.path)).toMatchObject({ status: 303, location: `${client.path}/sign-in` })
    expect(await browser.get(`${client.path}/new`)).toMatchObject({ status: 303 })
    expect((await browser.get(`${client.path}/sign-in`)).html).toContain('Back to request #001')
  })

  test('ends with "Not you?", and the link with it', async () => {
    const client = await newClient()
    const { path, token } = await linkTo(client)
    const browser = new FormBrowser()
    await browser.post(path, { k: token })
    expect(await browser.post(`${client.path}/sign-out`, { session: 'ticket' })).toMatchObject({ status: 303 })
    expect(browser.cookies.size).toBe(0)
    expect((await browser.get(`${client.path}/1`)).status).toBe(303)
    expect((await browser.post(path, { k: token })).status).toBe(404)
  })
})

describe('the colour of the team', () => {
  test('is on every page of its portal, and on the page that asks for a rating', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    const pages = [`${client.path}/1`, `${client.path}/sign-in`, `${client.path}/confirm`, `/p/${client.slug}/2`]
    for (const page of pages) expect((await browser.get(page)).html).not.toContain('[data-team-button]{')
    await api(ann, 'PATCH', `/teams/${client.team.id}`, { portal_color: '#facc15' })
    for (const page of pages) expect((await browser.get(page)).html).toContain('[data-team-button]{background-color:#facc15;color:#000000;')
    await database()`update public.tickets set status = 'resolved' where id = ${client.team.tickets.bobs}`
    const token = randomBytes(32).toString('base64url')
    await database()`
      select private.request_rating(${client.team.id}, ${client.team.tickets.bobs}, ${createHash('sha256').update(token).digest()})`
    expect((await browser.get(`/rate/${token}`)).html).toContain('[data-team-button]{background-color:#facc15;color:#000000;')
  })
})

describe('the scheme of the pages', () => {
  test('is that of the system, without the script that keeps the one of the agent app', async () => {
    const client = await newClient()
    const { html } = await new FormBrowser().get(`${client.path}/sign-in`)
    expect(html).not.toContain('nuxt-color-mode')
    expect(html.match(/<script/g)).toHaveLength(1)
  })
})

describe('the priority of a new request', () => {
  test('is chosen if the team allows it, and a forged one is refused', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    const path = `${client.path}/new`
    const request = { subject: 'No flour', description: 'Where is it?', priority: 'urgent' }
    expect((await browser.get(path)).html).not.toContain('name="priority"')
    const refused = await browser.post(path, request)
    expect(refused.status).toBe(422)
    expect(refused.html).toContain('The team sets the priority of requests.')
    expect(refused.html).toContain('Where is it?</textarea>')
    await api(ann, 'PATCH', `/teams/${client.team.id}`, { client_priority: true })
    expect((await browser.get(path)).html).toContain('name="priority"')
    expect((await browser.post(path, { ...request, priority: 'severe' })).status).toBe(422)
    const { location } = await browser.post(path, request)
    expect((await browser.get(location!)).html).toMatch(/Priority<\/dt><dd>Urgent/)
    expect((await browser.get(client.path)).html).toContain('Priority: Urgent')
    expect(
      await database()`select subject, priority from public.tickets where team_id = ${client.team.id} and subject = 'No flour'`
    ).toEqual([{ subject: 'No flour', priority: 'urgent' }])
  })
})

describe('until when a client can expect an answer', () => {
  test('is shown if the team wants it, while somebody waits', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    const levels = { low: 7200, normal: 7200, high: 7200, urgent: 7200 }
    await api(ann, 'POST', `/teams/${client.team.id}/sla-policies`, {
      name: 'All',
      targets: { first_response: levels, resolution: levels }
    })
    const { location } = await browser.post(`${client.path}/new`, { subject: 'No flour', description: 'Where is it?' })
    const page = location!.split('?')[0]!
    expect((await browser.get(page)).html).not.toContain('You can expect an answer')
    await api(ann, 'PATCH', `/teams/${client.team.id}`, { portal_shows_due: true })
    expect((await browser.get(page)).html).toContain('You can expect an answer by ')
    const [ticket] = await database()<[{ id: string }]>`
      select id from public.tickets where team_id = ${client.team.id} and subject = 'No flour'`
    await api(bob, 'POST', `/teams/${client.team.id}/tickets/${ticket.id}/replies`, { content: 'On its way.' })
    expect((await browser.get(page)).html).not.toContain('You can expect an answer')
  })
})

describe('what is new in the list', () => {
  test('is marked until the client opens the request, which a poll without news does not repeat', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    expect((await browser.get(client.path)).html).toContain('New answer')
    const { headers } = await browser.get(`${client.path}/1`)
    expect((await browser.get(client.path)).html).not.toContain('New answer')
    const readAt = () => database()`select read_at from private.portal_reads where contact_id = ${client.contact}`
    const before = await readAt()
    expect((await browser.get(`${client.path}/1`, { 'if-none-match': headers.get('etag')! })).status).toBe(304)
    expect(await readAt()).toEqual(before)
    await api(bob, 'PATCH', `/teams/${client.team.id}/tickets/${client.team.tickets.bobs}`, { status: 'waiting' })
    expect((await browser.get(client.path)).html).toContain('New status')
    const session = await openedBrowser(client)
    await session.get(`${client.path}/1`)
    expect((await browser.get(client.path)).html).not.toContain('New status')
  })
})

describe('what goes wrong', () => {
  const german = async () => {
    const client = await newClient({ locale: 'de' })
    return { client, browser: await openedBrowser(client) }
  }
  const expectGerman = (page: { html: string; headers: Headers }, ...sentences: string[]) => {
    expect(page.headers.get('content-language')).toBe('de')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(page.html).toMatch(/<html[^>]* lang="de"/)
    for (const sentence of sentences) expect(page.html).toContain(sentence)
  }

  test('is said in the language of the client, with the name of the team and a way on', async () => {
    const { client, browser } = await german()
    const path = `${client.path}/1`
    const json = { 'content-type': 'application/json' }
    const cases: [status: number, answer: Promise<FormPage>, sentences: string[]][] = [
      [415, browser.post(path, { content: 'Mine' }, json), ['Das konnten wir nicht lesen', 'Seite neu öffnen']],
      [413, browser.post(path, { content: 'x'.repeat(700_001) }), ['Das ist zu viel für eine Nachricht']]
    ]
    for (const [status, answer, sentences] of cases) {
      const page = await answer
      expect(page.status).toBe(status)
      expectGerman(page, ...sentences, '>Acme</a>', 'Sie sehen diese Anfrage als Cleo Client.')
      expect(page.html).not.toContain('Mine')
    }
    const foreign = await openedBrowser(client, { language: 'de' })
    const refused = await foreign.post(path, { content: 'Mine' }, { 'origin': 'https://evil.test', 'sec-fetch-site': 'cross-site' })
    expect(refused.status).toBe(403)
    expectGerman(refused, 'Dieses Formular kam von einer anderen Seite', 'Seite neu öffnen', '>Acme</a>')
    expect(refused.html).not.toContain('Mine')
  })

  test('is said in the language of the browser to somebody who is not known', async () => {
    const { slug } = await newClient()
    const browser = new FormBrowser({ language: 'de' })
    for (const path of [`/portal/${slug}/1/more`, `/portal/${slug}/nothing`, `/p/${slug}`]) {
      const page = await browser.get(path)
      expect(page.status).toBe(404)
      expectGerman(page, 'Hier ist nichts', '>Acme</a>', 'Zurück zu Ihren Anfragen')
    }
    for (const path of ['/portal/no-such-team', '/portal', '/p/a/b/c']) {
      const page = await browser.get(path)
      expect(page.status).toBe(404)
      expectGerman(page, 'Hier ist nichts', 'Diese Seite gibt es nicht.')
    }
    const put = await browser.put(`/portal/${slug}`)
    expect(put.status).toBe(405)
    expectGerman(put, 'Das konnten wir nicht lesen')
  })

  test('keeps what was typed when the session has ended, and the text is sent after signing in', async () => {
    const client = await newClient()
    const browser = new FormBrowser({ language: 'de' })
    const form = new FormData()
    form.append('content', 'My <long> text')
    form.append('intent', 'reply')
    const page = await browser.post(`${client.path}/1`, form)
    expect(page.status).toBe(401)
    expectGerman(
      page,
      'Sie sind abgemeldet',
      'My &lt;long&gt; text</textarea>',
      'name="intent" value="reply"',
      `href="${client.path}/sign-in?ticket=1"`
    )
    const { token } = await linkTo(client)
    await browser.post(`/p/${client.slug}/1`, { k: token })
    expect((await browser.post(`${client.path}/1`, { intent: 'reply', content: 'My <long> text' })).status).toBe(303)
  })

  test('does not read a large form of somebody who is not signed in', async () => {
    const client = await newClient()
    const form = formOf('x'.repeat(800_000))
    form.append('content', 'My text')
    const page = await new FormBrowser().post(`${client.path}/1`, form)
    expect(page.status).toBe(401)
    expect(page.html).not.toContain('My text')
  })

  test('is a page, and no JSON, for a file and a page that cannot be rendered', async () => {
    const { client, browser } = await german()
    const accept = { accept: 'text/html,*/*;q=0.8' }
    const file = `/api/portal/${client.slug}/1/files/00000000-0000-4000-8000-000000000000`
    const missing = await browser.get(file, accept)
    expect(missing.status).toBe(404)
    expectGerman(missing, 'Hier ist nichts')
    expect(missing.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect((await browser.get(file, { accept: 'application/json' })).headers.get('content-type')).toBe('application/json')
    const unknown = await new FormBrowser({ language: 'de' }).get('/rate/a/b', accept)
    expect(unknown.status).toBe(404)
    expectGerman(unknown, 'Hier ist nichts')
  })
})

describe('the language of a page', () => {
  test('is that of the contact, also before they act: on the page of a link, of a confirmation and of the sign-in', async () => {
    const client = await newClient({ locale: 'de' })
    const { path, token } = await linkTo(client)
    const browser = new FormBrowser()
    const link = await browser.get(`${path}?k=${token}`)
    expect(link.html).toContain('Meine Anfrage öffnen')
    expect(link.headers.get('content-language')).toBe('de')
    await browser.post(path, { k: token })
    expect((await browser.get(`${client.path}/sign-in`)).html).toContain('Link per E-Mail senden')
    await browser.post(`${client.path}/sign-in`, { email: client.email })
    const token_hash = await signInToken(client.email)
    const mail = (await mailsTo(client.email)).find(({ text }) => text.includes(token_hash))!
    const url = new URL(/http\S+\/confirm\S+/.exec(mail.text)![0])
    expect(mail.html).toContain('<html lang="de">')
    const stranger = new FormBrowser()
    expect((await stranger.get(url.pathname + url.search)).html).toContain('Ihr Link funktioniert einmal.')
    const broken = await stranger.post(url.pathname, { token_hash: 'x', lang: 'de' })
    expect(broken.status).toBe(410)
    expect(broken.html).toContain('Dieser Link funktioniert nicht mehr')
  })
})

describe('a contact whom an agent signs out', () => {
  test('loses every session and link, until a new link comes', async () => {
    const client = await newClient()
    const { path, token } = await linkTo(client)
    const opened = await openedBrowser(client)
    const signedIn = await signedInBrowser(client)
    expect([(await opened.get(`${client.path}/1`)).status, (await signedIn.get(client.path)).status]).toEqual([200, 200])

    const sessions = `/teams/${client.team.id}/contacts/${client.contact}/sessions`
    const first = await api<EndedSessions>(bob, 'DELETE', sessions)
    expect(first).toMatchObject({ status: 200, body: { ticket_sessions: 1 } })
    expect(first.body.ticket_links).toBeGreaterThanOrEqual(2) // a mail about the ticket may have brought a third
    expect(await opened.get(`${client.path}/1`)).toMatchObject({ status: 303, location: `${client.path}/sign-in?ticket=1` })
    expect(await signedIn.get(client.path)).toMatchObject({ status: 303, location: `${client.path}/sign-in` })
    expect((await signedIn.post(`${client.path}/1`, { content: 'Still me' })).status).toBe(401)
    const page = await new FormBrowser().get(`${path}?k=${token}`)
    expect(page.status).toBe(404)
    expect(page.html).toContain('Sign in to see your requests')
    expect(page.html).toContain(`href="${client.path}"`)
    expect((await new FormBrowser().post(path, { k: token })).status).toBe(404)

    expect((await signedIn.get(`${client.path}/sign-in`)).status).toBe(200)
    expect((await (await openedBrowser(client)).get(`${client.path}/1`)).status).toBe(200)
    const second = await api<EndedSessions>(bob, 'DELETE', sessions)
    expect(second.body.ticket_sessions).toBe(1)
    const { body } = await api(ann, 'GET', `/teams/${client.team.id}/audit?type=contact.signed_out`)
    expect(body).toMatchObject([{ to: second.body }, { to: { email: client.email, ...first.body } }])
  })
})

describe('a link to sign in that was mailed and not used', () => {
  const requestLink = async ({ path, email }: Client) => {
    await new FormBrowser().post(`${path}/sign-in`, { email })
    return signInToken(email)
  }
  const use = (client: Client, token: string) => new FormBrowser().post(`${client.path}/confirm`, { token_hash: token })
  const signOut = ({ team, contact }: Client) => api(bob, 'DELETE', `/teams/${team.id}/contacts/${contact}/sessions`)

  test('is void after an agent has signed the contact out; a new one works', async () => {
    const client = await newClient()
    const first = await requestLink(client)
    await signOut(client)
    const refused = await use(client, first)
    expect(refused.status).toBe(410)
    expect(refused.html).toContain('This link does not work any more. Ask for a new one.')
    await database()`delete from private.budgets where kind like 'portal_mail_%'`
    await new FormBrowser().post(`${client.path}/sign-in`, { email: client.email })
    const second = await newestToken(client.email, first)
    expect(await use(client, second)).toMatchObject({ status: 303 })
  })

  test('is void also for somebody who has an account', async () => {
    const client = await newClient()
    await signedInBrowser(client)
    const [used] = await database()<[{ id: string }]>`select id from auth.users where email = ${client.email}`
    await database()`delete from private.budgets where kind like 'portal_mail_%'`
    const before = await signInToken(client.email)
    await new FormBrowser().post(`${client.path}/sign-in`, { email: client.email })
    const token = await newestToken(client.email, before)
    await signOut(client)
    expect((await use(client, token)).status).toBe(410)
    expect(await database()`select id from auth.users where email = ${client.email}`).toEqual([used])
  })

  test('stays if another team has mailed it to the same address', async () => {
    const [client, other] = [await newClient(), await newClient()]
    await database()`update public.contact_addresses set address = ${client.email} where team_id = ${other.team.id} and address = ${other.email}`
    const first = await requestLink(client)
    await database()`delete from private.budgets where kind like 'portal_mail_%'`
    await new FormBrowser().post(`${other.path}/sign-in`, { email: client.email })
    const token = await newestToken(client.email, first)
    await signOut(client)
    expect(await use(other, token)).toMatchObject({ status: 303 })
  })
})

describe('the form of a ticket', () => {
  test('sends a reply, which agents see with its author', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    const sent = await browser.post(`${client.path}/1`, { intent: 'reply', content: 'Line one\r\nLine two' })
    expect(sent.status).toBe(303)
    expect(sent.location).toMatch(/\?done=reply#reply-/)
    const { body } = await api<{ content: string; author: { full_name: string } }[]>(
      bob,
      'GET',
      `/teams/${client.team.id}/tickets/${client.team.tickets.bobs}/replies`
    )
    expect(body.at(-1)).toMatchObject({ content: 'Line one\nLine two', author: { full_name: 'Cleo Client' } })
  })

  test('rates a resolved ticket, and says what is missing', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    await database()`update public.tickets set status = 'resolved' where id = ${client.team.tickets.bobs}`
    expect((await browser.get(`${client.path}/1`)).html).not.toContain('How did we do?')
    expect((await browser.post(`${client.path}/1`, { intent: 'rate', score: '5', comment: '' })).status).toBe(404)
    await database()`
      insert into public.ticket_ratings (team_id, ticket_id, cycle, resolved_at, contact_id)
      select team_id, id, 1, resolved_at, contact_id from public.tickets where id = ${client.team.tickets.bobs}`
    expect((await browser.get(`${client.path}/1`)).html).toContain('How did we do?')
    const missing = await browser.post(`${client.path}/1`, { intent: 'rate', comment: 'Good words' })
    expect(missing.status).toBe(422)
    expect(missing.html).toContain('Choose from one to five stars.')
    expect(missing.html).toContain('Good words</textarea>')
    expect(await browser.post(`${client.path}/1`, { intent: 'rate', score: '4', comment: 'Good words' })).toMatchObject({
      status: 303,
      location: `${client.path}/1?done=rate`
    })
    const page = await browser.get(`${client.path}/1?done=rate`)
    expect(page.html).toContain('We have your rating.')
    expect(page.html).toContain('Change my rating')
    expect(await database()`select score, comment from public.ticket_ratings where ticket_id = ${client.team.tickets.bobs}`).toEqual([
      { score: 4, comment: 'Good words' }
    ])
  })

  test('keeps the text and says why, when it is refused', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    const empty = await browser.post(`${client.path}/1`, { intent: 'reply', content: '  ' })
    expect(empty.status).toBe(422)
    expect(empty.html).toContain('Please fill in this field.')
    await database()`update public.tickets set status = 'closed' where id = ${client.team.tickets.bobs}`
    const closed = await browser.post(`${client.path}/1`, { intent: 'reply', content: 'My <b>long</b> text' })
    expect(closed.status).toBe(409)
    expect(closed.html).toContain('This request was closed in the meantime.')
    expect(closed.html).toContain('My &lt;b&gt;long&lt;/b&gt; text')
    expect(closed.html).toContain('Send follow-up')
  })

  test('closes and reopens the ticket, and writes a follow-up', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    const path = `${client.path}/1`
    expect(await browser.post(path, { intent: 'close' })).toMatchObject({ status: 303, location: `${path}?done=close` })
    expect((await browser.get(path)).html).toContain('Resolved')
    expect(await browser.post(path, { intent: 'reopen' })).toMatchObject({ location: `${path}?done=reopen` })
    await database()`update public.tickets set status = 'closed' where id = ${client.team.tickets.bobs}`
    const followed = await browser.post(path, { intent: 'follow-up', content: 'It is back' })
    expect(followed.location).toBe(`${client.path}/5?done=follow-up`)
    expect((await browser.get(`${client.path}/5`)).html).toContain('Re: VPN drops every hour')
  })

  test.each([
    ['another site', { 'origin': 'https://elsewhere.test', 'sec-fetch-site': 'cross-site' }, 403],
    ['another subdomain', { 'sec-fetch-site': 'same-site' }, 403],
    ['a script with JSON', { 'content-type': 'application/json' }, 415]
  ])('writes nothing for %s', async (_, headers, status) => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    expect((await browser.post(`${client.path}/1`, { intent: 'reply', content: 'Forged' }, headers)).status).toBe(status)
    expect(await database()`select from public.ticket_replies where team_id = ${client.team.id} and content = 'Forged'`).toHaveLength(0)
  })

  test('is refused without rights, whoever sends it', async () => {
    const client = await newClient()
    for (const browser of [new FormBrowser(), await openedBrowser(await newClient())])
      expect(await browser.post(`${client.path}/1`, { intent: 'reply', content: 'Forged' })).toMatchObject({ status: 401 })
    expect(await database()`select from public.ticket_replies where team_id = ${client.team.id} and content = 'Forged'`).toHaveLength(0)
  })

  test('has links to its files, and none to files of notes', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    const ticketPath = `/teams/${client.team.id}/tickets/${client.team.tickets.bobs}`
    const { body: file } = await api<{ id: string }>(bob, 'POST', `${ticketPath}/attachments`, formOf('For the client'))
    const note = await api<{ id: string }>(bob, 'POST', `${ticketPath}/replies`, { content: 'Between us', is_internal: true })
    const { body: secret } = await api<{ id: string }>(
      bob,
      'POST',
      `/teams/${client.team.id}/replies/${note.body.id}/attachments`,
      formOf('Between us')
    )
    const page = await browser.get(`${client.path}/1`)
    const address = `/api/portal/${client.slug}/1/files`
    expect(page.html).toContain(`${address}/${file.id}`)
    expect(page.html).not.toContain(secret.id)
    const download = await browser.get(`${address}/${file.id}`)
    expect(download).toMatchObject({ status: 200, html: 'For the client' })
    expect(download.headers.get('content-security-policy')).toBe("sandbox; default-src 'none'")
    expect(download.headers.get('content-disposition')).toMatch(/^attachment/)
    for (const path of [`${address}/${secret.id}`, `/api/portal/${client.slug}/2/files/${file.id}`, `${address}/x`])
      expect((await browser.get(path)).status, path).toBe(404)
    expect((await new FormBrowser().get(`${address}/${file.id}`)).status).toBe(404)
    const stranger = await openedBrowser(await newClient())
    expect((await stranger.get(`${address}/${file.id}`)).status).toBe(404)
  })

  test('has a tag that a note does not change, and a reply does', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    const etag = (await browser.get(`${client.path}/1`)).headers.get('etag')!
    const note = { content: 'Between us', is_internal: true }
    await api(bob, 'POST', `/teams/${client.team.id}/tickets/${client.team.tickets.bobs}/replies`, note)
    expect(await browser.get(`${client.path}/1`, { 'if-none-match': etag })).toMatchObject({ status: 304, html: '' })
    await api(bob, 'POST', `/teams/${client.team.id}/tickets/${client.team.tickets.bobs}/replies`, { content: 'For you' })
    const changed = await browser.get(`${client.path}/1`, { 'if-none-match': etag })
    expect(changed.status).toBe(200)
    expect(changed.html).toContain('For you')
    expect(changed.html).not.toContain('Between us')
  })
})

describe('signing in', () => {
  test('mails a link, which signs in after a click and shows the requests', async () => {
    const client = await newClient()
    const browser = new FormBrowser()
    expect((await browser.get(client.path)).location).toBe(`${client.path}/sign-in`)
    const asked = await browser.post(`${client.path}/sign-in`, { email: ` ${client.email.toUpperCase()}` })
    expect(asked.status).toBe(200)
    expect(asked.html).toContain('Look into your mailbox')
    const token_hash = await signInToken(client.email)
    const page = await browser.get(`${client.path}/confirm?token_hash=${token_hash}`)
    expect(page.html).toContain('Your link works once.')
    expect(await browser.post(`${client.path}/confirm`, { token_hash })).toMatchObject({ status: 303, location: client.path })
    const list = await browser.get(client.path)
    expect(list.html).toContain('VPN drops every hour')
    expect(list.html).not.toContain('Invoice is wrong')
    expect((await new FormBrowser().post(`${client.path}/confirm`, { token_hash })).status).toBe(410)
    const verified = await database()`select from public.contact_addresses where address = ${client.email} and verified_at is not null`
    expect(verified).toHaveLength(1)
  })

  test('answers alike for an address that nobody has, and for a blocked contact, and mails them nothing', async () => {
    const client = await newClient()
    const blocked = await newClient()
    await database()`update public.contacts set blocked_at = now() where id = ${blocked.contact}`
    const stranger = newAddress('stranger')
    const pages = []
    for (const [path, email] of [
      [client.path, client.email],
      [client.path, stranger],
      [blocked.path, blocked.email]
    ] as const) {
      const page = await new FormBrowser().post(`${path}/sign-in`, { email })
      pages.push([
        page.status,
        page.html
          .replaceAll(email, '')
          .replaceAll(path, '')
          .replace(/nonce="[^"]*"/g, '').length
      ])
    }
    expect(new Set(pages.map(page => page.join()))).toHaveProperty('size', 1)
    await mailsTo(client.email)
    expect(await mailsTo(stranger, 0)).toEqual([])
    // An acknowledgement may have been on its way before they were blocked.
    expect((await mailsTo(blocked.email, 0)).filter(({ text }) => text.includes('/confirm'))).toEqual([])
  })

  test('signs out', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    expect((await browser.get(client.path)).status).toBe(200)
    expect(await browser.post(`${client.path}/sign-out`, {})).toMatchObject({ status: 303, location: `${client.path}/sign-in` })
    expect(browser.cookies.size).toBe(0)
    expect((await browser.get(client.path)).status).toBe(303)
  })

  test('lasts longer than its access token: the server renews it', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    const [[name, value]] = [...browser.cookies].filter(([name]) => name.startsWith('sb-switchboard-auth')) as [[string, string]]
    const session = JSON.parse(Buffer.from(decodeURIComponent(value).slice(7), 'base64url').toString()) as { access_token: string }
    const [header, , signature] = session.access_token.split('.')
    const expired = { ...session, access_token: `${header}.${Buffer.from('{"exp":1}').toString('base64url')}.${signature}` }
    browser.cookies.set(name, `base64-${Buffer.from(JSON.stringify(expired)).toString('base64url')}`)
    const [one, other] = await Promise.all([browser.get(client.path), browser.get(client.path)])
    expect([one.status, other.status]).toEqual([200, 200])
    expect(one.html).toContain('VPN drops every hour')
    expect((await browser.get(client.path)).status).toBe(200)
  })

  test('is no way into the team, and members have no portal', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    expect((await api(null, 'GET', `/teams/${client.team.id}/tickets`, undefined, { headers: { cookie } })).status).toBe(404)
    expect((await api(bob, 'GET', `/teams/${client.team.id}/tickets`)).status).toBe(200)
  })
})

describe('suggestions for a new request', () => {
  let client: Client
  let browser: FormBrowser
  const form = '6f1f3a7e-0000-4000-8000-000000000001'
  const request = { subject: 'My printer does not restart', description: 'What now?' }
  const questions = () =>
    database()`select outcome, question, times from article_questions where team_id = ${client.team.id} order by outcome, question`
  beforeAll(async () => {
    client = await newClient()
    browser = await signedInBrowser(client)
  })

  test('a client gets articles with the sentence that fits; nobody else does', async () => {
    const path = `/api/portal/${client.slug}/suggestions?lang=en&q=restart+printer+power`
    expect(JSON.parse((await browser.get(path)).html)).toEqual([
      {
        slug: 'restart-the-printer',
        title: 'Restart the printer',
        locale: 'en',
        href: `/help/${client.slug}/articles/restart-the-printer`,
        sentence: [
          { text: 'Hold the ', marked: false },
          { text: 'power', marked: true },
          { text: ' button for ten seconds.', marked: false }
        ]
      }
    ])
    const stranger = await signedInBrowser(await newClient())
    for (const other of [new FormBrowser(), await openedBrowser(client), stranger]) expect((await other.get(path)).status).toBe(404)
    for (const query of ['', '?q=a', '?lang=en&q=', `?lang=en&q=${'x'.repeat(501)}`, '?lang=fr&q=a'])
      expect((await browser.get(`/api/portal/${client.slug}/suggestions${query}`)).status, query).toBe(400)
  })

  test('a member who is also a client gets what clients may read', async () => {
    const { team, slug, contact } = client
    const { body } = await api<{ id: string }>(ann, 'POST', `/teams/${team.id}/articles`, {
      title: 'Secret printer',
      content: 'Restart it.'
    })
    await api(ann, 'PUT', `/teams/${team.id}/articles/${body.id}/publications/en`, { version: 1 })
    const [account] = await database()<[{ user_id: string }]>`select user_id from contacts where id = ${contact}`
    await database()`insert into team_members (team_id, user_id, role) values (${team.id}, ${account.user_id}, 'owner')`
    for (const path of [
      `/api/portal/${slug}/suggestions?lang=en&q=secret+printer+restart`,
      `/help/${slug}/search?q=secret+printer`,
      `/help/${slug}/articles`
    ])
      expect((await browser.get(path)).html, path).not.toContain('Secret printer')
    await database()`delete from team_members where team_id = ${team.id} and user_id = ${account.user_id}`
  })

  test('a form counts once: as ignored when its request is sent, and not when it is refused', async () => {
    const path = `${client.path}/new`
    const suggested = { form, suggested: 'restart-the-printer' }
    const refused = await browser.post(path, { ...suggested, subject: '', description: 'x' })
    expect(refused.status).toBe(422)
    expect(refused.html).toContain(`value="${form}"`) // the form is the same one when it is sent again
    expect(await questions()).toEqual([])
    expect((await browser.post(path, { ...request, ...suggested })).location).toContain('done=request')
    expect((await browser.post(path, { ...request, ...suggested, subject: 'Another subject' })).location).toContain('done=request')
    expect(await questions()).toEqual([{ outcome: 'ignored', question: 'my printer does not restart', times: 1 }])
  })

  test('a request is sent whatever its hidden fields hold', async () => {
    for (const [n, fields] of [
      { form: 'x', suggested: 'y' },
      { form, suggested: 'a b c d' },
      { form: '', suggested: '../x' }
    ].entries()) {
      const sent = await browser.post(`${client.path}/new`, { ...request, subject: `Request ${n}`, ...fields })
      expect(sent.location).toContain('done=request')
    }
    expect(await questions()).toHaveLength(1)
  })

  test('"This answered it" counts a deflection, once, and sends no request', async () => {
    const fields = { form: '6f1f3a7e-0000-4000-8000-000000000002', question: 'Printer of jo@mail.test', answered: 'restart-the-printer' }
    for (const _ of [1, 2]) {
      const { status, location } = await browser.post(`${client.path}/new`, fields)
      expect([status, location]).toEqual([303, `${client.path}?done=answered`])
    }
    expect((await browser.get(`${client.path}?done=answered`)).html).toContain('Good to hear')
    expect(await questions()).toContainEqual({ outcome: 'answered', question: 'printer of', times: 1 })
    expect((await browser.post(`${client.path}/new`, { ...fields, form: 'x' })).status).toBe(400)
    expect((await new FormBrowser().post(`${client.path}/new`, fields)).status).toBe(401)
  })

  test('a search of the help that finds nothing counts, unless the script searches while somebody types', async () => {
    const path = `/help/${client.slug}/search?q=`
    await new FormBrowser().get(`${path}zeppelin`)
    await new FormBrowser().get(`${path}zep`, { 'sec-fetch-dest': 'empty' })
    await new FormBrowser().get(`${path}printer`)
    const missed = (await questions()).filter(({ outcome }) => outcome === 'not_found')
    expect(missed).toEqual([{ outcome: 'not_found', question: 'zeppelin', times: 1 }])
  })
})

describe('a new request', () => {
  test('belongs to the client, and asks before a second one with the same subject', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    const fields = { subject: 'Printer on fire', description: 'It burns', category: 'bug' }
    expect((await browser.get(`${client.path}/new`)).html).toContain('Technical issue')
    expect(await browser.post(`${client.path}/new`, fields)).toMatchObject({ status: 303, location: `${client.path}/5?done=request` })
    const again = await browser.post(`${client.path}/new`, fields)
    expect(again.status).toBe(409)
    expect(again.html).toContain('(#005)')
    expect(again.html).toContain('It burns')
    expect(await browser.post(`${client.path}/new`, { ...fields, confirmed: 'yes' })).toMatchObject({
      location: `${client.path}/6?done=request`
    })
    const { body } = await api<{ channel: string; requester_email: string }>(bob, 'GET', `/teams/${client.team.id}/tickets?q=Printer`)
    expect(JSON.stringify(body)).toContain(client.email)
  })

  test('says beside each field what is wrong', async () => {
    const client = await newClient({ locale: 'de' })
    const browser = await signedInBrowser(client)
    const page = await browser.post(`${client.path}/new`, { subject: 'x'.repeat(256), description: '', category: 'nonsense' })
    expect(page.status).toBe(422)
    expect(page.html).toContain('Bitte höchstens 255 Zeichen.')
    expect(page.html).toContain('Bitte füllen Sie dieses Feld aus.')
    expect(page.html).toContain('lang="de"')
    const category = await browser.post(`${client.path}/new`, { subject: 'x', description: 'x', category: 'nonsense' })
    expect(category.html).toContain('Wählen Sie eines der Themen.')
  })
})

describe('pages of the portal', () => {
  test('load no script of the app', async () => {
    const client = await newClient()
    const { html } = await (await signedInBrowser(client)).get(client.path)
    expect(html).not.toMatch(/<script[^>]+type="module"[^>]+src="\/_nuxt\/(?!portal)/)
    expect(html).not.toContain('__NUXT_DATA__')
    expect(html).not.toContain('rel="modulepreload"')
  })

  test('answer 404 for what does not exist', async () => {
    for (const path of ['/portal/no-such-team', '/portal/acme/x/y', '/p/acme', '/portal', `/portal/acme/${'9'.repeat(12)}`]) {
      const page = await new FormBrowser().get(path)
      expect(page.status, path).toBe(404)
      expect(page.html, path).toContain('There is nothing here')
    }
  })

  test('never mix two clients who ask at the same time', async () => {
    const clients = await Promise.all([newClient(), newClient()])
    const browsers = await Promise.all(clients.map(client => signedInBrowser(client)))
    for (const [index, { team }] of clients.entries())
      await database()`update public.tickets set subject = ${`Only for ${index}`} where id = ${team.tickets.bobs}`
    const pages = await Promise.all(
      Array.from({ length: 40 }, (_, at) => browsers[at % 2]!.get(clients[at % 2]!.path).then(page => ({ ...page, at: at % 2 })))
    )
    for (const { status, html, at } of pages) {
      if (status === 429) continue
      expect(html).toContain(`Only for ${at}`)
      expect(html).not.toContain(`Only for ${1 - at}`)
    }
    expect(pages.filter(({ status }) => status === 200).length).toBeGreaterThan(10)
  })

  test('show a person who is a client of several teams all of them', async () => {
    const client = await newClient()
    const other = await newClient()
    await database()`update public.contact_addresses set address = ${client.email} where team_id = ${other.team.id} and address = ${other.email}`
    const browser = await signedInBrowser(client)
    const page = await browser.get('/portal')
    expect(page.html).toContain(client.path)
    expect(page.html).toContain(other.path)
    expect((await browser.get(other.path)).status).toBe(200)
  })
})
