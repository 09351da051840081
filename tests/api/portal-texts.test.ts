import { createHash, randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { api, database } from '../support/api.ts'
import { FormBrowser, type FormPage } from '../support/form-browser.ts'
import { mailsTo, newAddress } from '../support/mail.ts'
import { linkTo, newClient, openedBrowser, signedInBrowser, type Client } from '../support/portal-client.ts'
import { ann, bob } from '../support/world.ts'
import { foreignTexts, germanSentences, visibleTexts } from '../support/visible-texts.ts'

// The pages come from the built server, so their texts cannot be replaced by those of a pseudo locale. A German page may contain German
// sentences of the catalogue, and texts of people, and nothing else.
const sentences = germanSentences()
const seen = new Set<string>()
const people = ['Acme', 'Cleo Client', 'Mona Minor', 'Bob Byrd', 'Vera Vale', 'VPN drops every hour', 'About: VPN drops every hour']
const words = ['Looking at it.', 'Same here.', 'My text', 'Website', 'Invoice is wrong', 'Dark mode please', 'Old printer']
const topics = ['Technical issue', 'Billing', 'Feature request', 'General inquiry', 'Other', 'Bug', 'Billing question', 'Content update']
const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
const data = [
  new RegExp(`^(?:Re: )?(?:#\\d{3,} )?(?:${[...people, ...words, ...topics].map(literal).join('|')})$`),
  /^\d{1,2}\. \p{L}{3,4}\.? \d{4}, \d{2}:\d{2}(?: UTC)?$/u,
  /^\d{1,2}\. \p{L}+ \d{4}$/u, // when an article was published
  /^(?:Restart the printer|Hold the|power|Hold the power button for ten seconds\.|button for ten seconds\.|Getting started|Artikel \d+|Text|nothing)$/,
  /^(?:English|Deutsch)$/, // each language by its own name
  /^[\w.-]+@[\w.-]+$/, // an address
  /^\w…@[\w.-]+$/, // the address of an invitation
  /^[\w-]+\.(?:txt|png)$/, // a file
  /^subject \d+$/,
  /^x+$/,
  /^\{(?:count|percent)\}$/ // portal/script.ts fills it in
]

function expectGerman(page: FormPage, status = 200): FormPage {
  expect(page.status).toBe(status)
  expect(page.html).toMatch(/<html[^>]* lang="de"/)
  expect(page.headers.get('content-language')).toBe('de')
  expect(foreignTexts(page.html, { sentences, data, seen })).toEqual([])
  return page
}

const german = { language: 'de' }
const newGerman = () => newClient({ locale: 'de' })
const setTicket = ({ team }: Client, changes: Record<string, unknown>) =>
  database()`update public.tickets set ${database()(changes)} where id = ${team.tickets.bobs}`
const withFiles = (fields: Record<string, string>, ...contents: BlobPart[]) => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  for (const [index, content] of contents.entries()) form.append('file', new Blob([content]), `file-${index}.txt`)
  return form
}

test('a text that is not in the catalogue is found, wherever it is', () => {
  const html = `<html><head><title>Meine Anfragen · Hard-coded</title></head><body><p>Sie sehen diese Anfrage als Nobody here.</p>
    <input placeholder="Type here" aria-label="A name"><img alt="Bild a.png" title="Hover"><b data-sent="Done">Abmelden</b><!-- no --></body>`
  expect(foreignTexts(html, { sentences, data, seen: new Set() })).toEqual([
    'Hard-coded',
    'Sie sehen diese Anfrage als Nobody here.',
    'Type here',
    'A name',
    'Hover',
    'Done'
  ])
  expect(visibleTexts(html)).toContain('Abmelden')
})

describe('every sentence of the pages is from the catalogue', () => {
  test('on the page of a link, and of the sign-in', async () => {
    const client = await newGerman()
    const { path, token } = await linkTo(client)
    const browser = new FormBrowser(german)
    expectGerman(await browser.get(`${path}?k=${token}`))
    expectGerman(await browser.get(`${path}?k=wrong`), 404)
    expectGerman(await browser.get(`${client.path}/sign-in`))
    expectGerman(await browser.post(`${client.path}/sign-in`, { email: 'nobody' }), 422)
    expectGerman(await browser.post(`${client.path}/sign-in`, { email: client.email }))
    expectGerman(await browser.get(`${client.path}/confirm?token_hash=x`))
    expectGerman(await browser.post(`${client.path}/confirm`, { token_hash: 'x' }), 410)
    await browser.post(path, { k: token })
    expectGerman(await browser.get(`${client.path}/sign-in`))
  })

  test('in a ticket in every status, and after everything that a client can do', async () => {
    const client = await newGerman()
    const browser = await openedBrowser(client, german)
    const path = `${client.path}/1`
    await browser.post(path, withFiles({ intent: 'reply', content: 'My text' }, 'Hello'))
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
    const photo = withFiles({ intent: 'reply', content: 'My text' })
    photo.append('file', new Blob([png]), 'photo.png')
    await browser.post(path, photo)
    await database()`insert into ticket_reads (team_id, ticket_id, user_id) values (${client.team.id}, ${client.team.tickets.bobs}, ${bob.id})`
    for (const status of ['open', 'in_progress', 'waiting', 'resolved', 'closed']) {
      await setTicket(client, { status })
      expectGerman(await browser.get(path))
    }
    for (const done of ['reply', 'request', 'close', 'reopen', 'follow-up', 'rate']) expectGerman(await browser.get(`${path}?done=${done}`))
    await setTicket(client, { status: 'open' })
    await setTicket(client, { status: 'resolved', project_id: client.team.project })
    await database()`
      insert into public.ticket_ratings (team_id, ticket_id, cycle, resolved_at, contact_id)
      select team_id, id, 1, resolved_at, contact_id from public.tickets where id = ${client.team.tickets.bobs}`
    expectGerman(await browser.get(path))
    expectGerman(await browser.post(path, { intent: 'rate' }), 422)
    expectGerman(await browser.post(path, { intent: 'rate', score: '4', comment: 'x'.repeat(1_001) }), 422)
    await browser.post(path, { intent: 'rate', score: '4' })
    expectGerman(await browser.get(path))
    await database()`update public.ticket_ratings set writes = 20 where ticket_id = ${client.team.tickets.bobs}`
    expectGerman(await browser.post(path, { intent: 'rate', score: '1' }), 409)
  })

  test('in an invitation, and on the page behind its link', async () => {
    const client = await newGerman()
    const browser = await signedInBrowser(client, german)
    const path = `${client.path}/1`
    const invite = (email: string) => browser.post(path, { intent: 'invite', email })
    const friend = newAddress('friend')
    await invite(friend)
    for (const email of ['nobody', bob.email, client.email, 'no-reply@mail.test']) expectGerman(await invite(email), 422)
    expectGerman(await browser.get(`${path}?done=invite`))
    expectGerman(await browser.get(`${path}?done=withdraw`))
    const [mail] = await mailsTo(friend)
    const [, link, token] = /(\/p\/[\w-]+\/follow)\?k=([\w-]{43})/.exec(mail!.text)!
    const guest = new FormBrowser(german)
    expectGerman(await guest.get(`${link}?k=${token}`))
    expectGerman(await guest.get(`${link}?k=wrong`), 404)
    await guest.post(link!, { k: token! })
    expectGerman(await guest.get(`${path}?done=follow`))
    expectGerman(await invite(friend), 409)
    await database()`
      insert into private.participant_invitations (team_id, ticket_id, address, invited_by)
      select ${client.team.id}, ${client.team.tickets.bobs}, n || '@mail.test', ${client.contact} from generate_series(1, 9) as n`
    expectGerman(await invite(newAddress('another')), 422)
    await setTicket(client, { status: 'closed' })
    expectGerman(await browser.get(path))
  })

  test('for each reason to refuse a form', async () => {
    const client = await newGerman()
    const browser = await openedBrowser(client, german)
    const path = `${client.path}/1`
    const reply = (content: string) => ({ intent: 'reply', content })
    expectGerman(await browser.post(path, reply('')), 422)
    expectGerman(await browser.post(path, reply('x'.repeat(50_001))), 422)
    expectGerman(await browser.post(path, withFiles(reply('My text'), '')), 422)
    expectGerman(await browser.post(path, withFiles(reply('My text'), ...'abcdefghijk')), 422)
    expectGerman(await browser.post(path, withFiles(reply('My text'), Buffer.alloc(26_214_401))), 413)
    expectGerman(await browser.post(path, { intent: 'follow-up', content: 'My text' }), 409)
    await setTicket(client, { status: 'closed' })
    expectGerman(await browser.post(path, reply('My text')), 409)
    expectGerman(await browser.post(path, { content: 'x'.repeat(700_001) }), 413)
    expectGerman(await browser.post(path, { content: 'My text' }, { 'content-type': 'application/json' }), 415)
    expectGerman(await browser.post(path, reply('My text'), { 'sec-fetch-site': 'cross-site' }), 403)
    await setTicket(client, { status: 'open' })
    await database()`
      insert into private.budgets (kind, subject, whole_at) values ('portal_reply', ${`contact:${client.contact}`}, now() + interval '2 hours')
      on conflict (kind, subject) do update set whole_at = excluded.whole_at`
    expectGerman(await browser.post(path, reply('My text')), 429)
    await database()`delete from private.ticket_sessions where team_id = ${client.team.id}`
    expectGerman(await browser.post(path, withFiles(reply('My text'), 'Hello')), 401)
  })

  test('in the list and the form of a new request', async () => {
    const client = await newGerman()
    const browser = await signedInBrowser(client)
    expectGerman(await browser.get(client.path))
    await browser.get(`${client.path}/1`)
    expectGerman(await browser.get(client.path))
    await setTicket(client, { status: 'waiting' })
    expectGerman(await browser.get(client.path))
    const subject = 'Dark mode please'
    expectGerman(await browser.post(`${client.path}/new`, { subject, description: 'My text', priority: 'high' }), 422)
    await database()`update public.teams set client_priority = true where id = ${client.team.id}`
    for (const priority of ['low', 'normal', 'high', 'urgent'])
      expectGerman(
        await browser.get(
          (await browser.post(`${client.path}/new`, { subject, description: 'My text', priority, confirmed: 'yes' })).location!
        )
      )
    expectGerman(await browser.get(`${client.path}?q=nothing`))
    expectGerman(await browser.get(`${client.path}?done=answered`))
    await database()`update public.teams set portal_shows_due = true where id = ${client.team.id}`
    const targets = { first_response: { low: 3600, normal: 3600, high: 3600, urgent: 3600 } }
    await api(ann, 'POST', `/teams/${client.team.id}/sla-policies`, { name: 'All', targets })
    expectGerman(
      await browser.get((await browser.post(`${client.path}/new`, { subject, description: 'My text', confirmed: 'yes' })).location!)
    )
    await database()`insert into public.projects (team_id, name) values (${client.team.id}, 'Website')`
    expectGerman(await browser.get(`${client.path}/new`))
    expectGerman(await browser.post(`${client.path}/new`, {}), 422)
    const request = { subject: 'Invoice is wrong', description: 'My text' }
    expectGerman(await browser.post(`${client.path}/new`, { ...request, category: 'nothing' }), 422)
    expectGerman(await browser.post(`${client.path}/new`, { ...request, project_id: client.team.id }), 422)
    const { location } = await browser.post(`${client.path}/new`, request)
    expectGerman(await browser.get(location!))
    expectGerman(await browser.post(`${client.path}/new`, request), 409)
    await database()`
      insert into public.tickets (team_id, subject, description, contact_id, created_by)
      select ${client.team.id}, 'subject ' || n, 'x', ${client.contact}, ${bob.id} from generate_series(1, 26) as n`
    await database()`update public.tickets set contact_id = (select id from public.contacts where team_id = ${client.team.id} and name = 'Mona Minor')
      where id = ${client.team.tickets.bobs}`
    await database()`insert into public.ticket_participants (team_id, ticket_id, contact_id) values (${client.team.id}, ${client.team.tickets.bobs}, ${client.contact})`
    expectGerman(await browser.get(client.path))
    expectGerman(await browser.get(`${client.path}/1`))
    expectGerman(await browser.get(`${client.path}/999`), 404)
    await database()`update public.tickets set contact_id = null where team_id = ${client.team.id}`
    await database()`delete from public.ticket_participants where team_id = ${client.team.id}`
    expectGerman(await browser.get(client.path))
  })

  test('for a client of two teams, and for an account without a contact', async () => {
    const [client, other] = [await newGerman(), await newGerman()]
    await database()`update public.contact_addresses set address = ${client.email} where team_id = ${other.team.id} and address = ${other.email}`
    const browser = await signedInBrowser(client)
    expectGerman(await browser.get(client.path))
    const asGerman = { 'accept-language': 'de' }
    expectGerman(await browser.get('/portal', asGerman))
    const stranger = await newClient()
    expectGerman(await browser.get(stranger.path, asGerman), 404)
  })

  test('in the help centre', async () => {
    const client = await newGerman()
    const { team, slug } = client
    const home = `/help/${slug}`
    const browser = new FormBrowser(german)
    const article = `${home}/articles/restart-the-printer`
    expectGerman(await browser.get(home))
    expectGerman(await browser.get(article))
    for (const rated of ['yes', 'no', 'sent']) expectGerman(await browser.get(`${article}?rated=${rated}`))
    expectGerman(await browser.post(article, { helpful: 'no', missing: 'x'.repeat(2_001) }), 422)
    for (const q of ['power', 'nothing', '']) expectGerman(await browser.get(`${home}/search?q=${q}`))
    expectGerman(await browser.get(`${home}/articles/nothing`), 404)
    expectGerman(await (await signedInBrowser(client)).get(home))
    await database()`
      with added as (
        insert into articles (team_id, audience, is_published, category_id)
        select ${team.id}, 'public', true, case when n > 101 then ${team.articleCategory}::uuid end from generate_series(1, 110) as n returning id, category_id
      ), translated as (
        insert into article_translations (team_id, article_id, locale) select ${team.id}, id, 'de' from added
      )
      insert into article_revisions (team_id, article_id, locale, number, kind, title, content)
      select ${team.id}, id, 'de', 1, 'published', 'Artikel ' || row_number() over (), 'Text' from added`
    await database()`
      update article_translations as translation set slug = 'artikel-' || left(translation.article_id::text, 13), published_revision_id = revision.id,
        published_version = 1, published_at = now(), first_published_at = now(), search = private.article_search('Artikel', 'Text'),
        title = revision.title, title_search = private.search_vector(revision.title)
      from article_revisions as revision where revision.article_id = translation.article_id and translation.team_id = ${team.id} and translation.locale = 'de'`
    await database()`
      insert into private.article_slugs (team_id, slug, article_id, locale)
      select team_id, slug, article_id, locale from article_translations where team_id = ${team.id} and locale = 'de'`
    expectGerman(await browser.get(home))
    expectGerman(await browser.get(`${home}/categories/getting-started`))
    for (const page of [1, 2]) expectGerman(await browser.get(`${home}/articles?page=${page}`))
    await api(ann, 'PUT', `/teams/${team.id}/articles/${team.articles.printer}/drafts/de`, {
      title: 'Artikel 0',
      content: 'Text',
      version: null
    })
    await api(ann, 'PUT', `/teams/${team.id}/articles/${team.articles.printer}/publications/de`, { version: 1 })
    expectGerman(await browser.get(`${home}/articles/artikel-0`))
    const empty = await newGerman()
    await api(ann, 'DELETE', `/teams/${empty.team.id}/articles/${empty.team.articles.printer}?final=true`)
    expectGerman(await browser.get(`/help/${empty.slug}`))
  })

  test('in answers that are not rendered, and on the page that asks for a rating', async () => {
    const client = await newGerman()
    const browser = new FormBrowser(german)
    const accept = { accept: 'text/html' }
    expectGerman(await browser.get('/portal/no-such-team'), 404)
    expectGerman(await browser.get(`/api/portal/${client.slug}/1/files/00000000-0000-4000-8000-000000000000`, accept), 404)
    expectGerman(await browser.get('/rate/a/b', accept), 404)
    const opened = await openedBrowser(client)
    await opened.post(`${client.path}/1`, withFiles({ intent: 'reply', content: 'My text' }, 'Hello'))
    await database()`update public.teams set unscanned_files = 'block' where id = ${client.team.id}`
    const [file] = await database()<[{ id: string }]>`select id from public.ticket_attachments where contact_id = ${client.contact}`
    expectGerman(await opened.get(`/api/portal/${client.slug}/1/files/${file.id}`, accept), 409)
    expectGerman(await browser.get('/rate/wrong'))
    await setTicket(client, { status: 'resolved' })
    const token = randomBytes(32).toString('base64url')
    await database()`
      select private.request_rating(${client.team.id}, ${client.team.tickets.bobs}, ${createHash('sha256').update(token).digest()})`
    expectGerman(await browser.get(`/rate/${token}`))
    expectGerman(await browser.get(`/rate/${token}?score=3`))
  })

  // Vitest runs the tests of a file in their order.
  test('and the pages above show every sentence but these', () => {
    const unseen = [...new Set(sentences.map(({ key }) => key))].filter(key => !seen.has(key)).sort()
    expect(unseen).toEqual([
      ...['conflictText', 'conflictTitle', 'failedText', 'failedTitle', 'goBackText'].map(key => `portal.${key}`),
      'portal.help.languages.de', // no page in German offers a translation into German
      ...['mail.footer', 'mail.preview', 'mail.subject', 'mail.text'].map(key => `portal.${key}`),
      ...['problems.failed', 'problems.infected', 'problems.unavailable', 'problems.unscanned'].map(key => `portal.${key}`),
      ...['tooManyText', 'tooManyTitle', 'unavailableText', 'unavailableTitle'].map(key => `portal.${key}`),
      // After a click, in the browser: tests/e2e/ratings.spec.ts.
      ...['change', 'comment.long', 'failed', 'failed.again', 'stars.given'].map(key => `rating.${key}`),
      ...['thanks', 'thanks.received', 'unavailable', 'unavailable.reason'].map(key => `rating.${key}`)
    ])
  })
})
