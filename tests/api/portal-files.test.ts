import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Attachment } from '#shared/types/api'
import { api, database } from '../support/api.ts'
import { infectedText, startClamd, type Clamd } from '../support/clamd.ts'
import { newClient, openedBrowser, signedInBrowser, type Client } from '../support/portal-client.ts'
import { startSecondServer } from '../support/second-server.ts'
import { bob } from '../support/world.ts'

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')

/** A form as browsers send it: the text first. */
function messageOf(fields: Record<string, string>, ...files: [name: string, content: BlobPart][]): FormData {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  for (const [name, content] of files) form.append('file', new Blob([content]), name)
  return form
}
interface RepliesAnswer {
  content: string
  attachments: Attachment[]
}
const repliesOf = async ({ team }: Client) =>
  (await api<RepliesAnswer[]>(bob, 'GET', `/teams/${team.id}/tickets/${team.tickets.bobs}/replies`)).body
/** What a refused form left behind. */
const remains = async ({ team, contact }: Client) => ({
  uploads: (await database()`select from public.uploads where contact_id = ${contact}`).length,
  attachments: (await database()`select from public.ticket_attachments where contact_id = ${contact}`).length,
  objects: (
    await database()`
      select from storage.objects where name like ${`${team.id}/%`}
        and split_part(name, '/', 2)::uuid not in (select id from ticket_attachments) and split_part(name, '/', 2)::uuid not in (select id from uploads)
        and split_part(name, '/', 2)::uuid not in (select id from private.article_images) -- each team of the tests has some`
  ).length
})
const nothing = { uploads: 0, attachments: 0, objects: 0 }

describe('a form with files', () => {
  test('sends a reply with its files, which agents and the client can download', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    const sent = await browser.post(
      `${client.path}/1`,
      messageOf({ intent: 'reply', content: 'See\r\nthe files' }, ['../a‮b.txt', 'Hello'], ['photo.jpg', png])
    )
    expect(sent.status).toBe(303)
    const reply = (await repliesOf(client)).at(-1)!
    expect(reply.content).toBe('See\nthe files')
    expect(reply.attachments).toMatchObject([
      { name: 'ab.txt', size: 5, state: 'unscanned', uploaded_by: { full_name: 'Cleo Client' } },
      { name: 'photo.jpg', content_type: 'image/png' }
    ])
    const path = `/api/portal/${client.slug}/1/files/${reply.attachments[0]!.id}`
    expect(await browser.get(path)).toMatchObject({ status: 200, html: 'Hello' })
    const { html } = await browser.get(`${client.path}/1`)
    expect(html).toContain(path)
    expect(html).toMatch(new RegExp(`<img[^>]+src="/api/portal/${client.slug}/1/files/${reply.attachments[1]!.id}"[^>]+loading="lazy"`))
  })

  test('sends a text without files, as browsers do when none was chosen', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    const form = messageOf({ intent: 'reply', content: 'No file' })
    form.append('file', new Blob([], { type: 'application/octet-stream' }), '')
    expect((await browser.post(`${client.path}/1`, form)).status).toBe(303)
    expect((await repliesOf(client)).at(-1)).toMatchObject({ content: 'No file', attachments: [] })
  })

  test('creates a ticket, and keeps no file when it asks about a ticket with the same subject', async () => {
    const client = await newClient()
    const browser = await signedInBrowser(client)
    const form = () => messageOf({ subject: 'Broken screen', description: 'Look', category: '', project_id: '' }, ['a.txt', 'Hello'])
    const created = await browser.post(`${client.path}/new`, form())
    expect(created.status).toBe(303)
    const files = await database()`
      select file.name, file.reply_id from ticket_attachments as file join tickets as ticket on ticket.id = file.ticket_id
      where ticket.team_id = ${client.team.id} and ticket.subject = 'Broken screen'`
    expect(files).toEqual([{ name: 'a.txt', reply_id: null }])
    const asked = await browser.post(`${client.path}/new`, form())
    expect(asked.status).toBe(409)
    expect(asked.html).toContain('Please choose your files again.')
    expect(await remains(client)).toEqual({ ...nothing, attachments: 1 })
  })

  test('continues a closed ticket', async () => {
    const client = await newClient()
    await database()`update public.tickets set status = 'closed' where id = ${client.team.tickets.bobs}`
    const browser = await openedBrowser(client)
    const sent = await browser.post(`${client.path}/1`, messageOf({ intent: 'follow-up', content: 'Again' }, ['a.txt', 'Hello']))
    expect(sent.status).toBe(303)
    expect(await remains(client)).toEqual({ ...nothing, attachments: 1 })
  })

  test.each([
    ['a file is larger than 25 MB', 413, 'A file is larger than 25 MB.', [['big.bin', new Uint8Array(26_214_401)] as [string, BlobPart]]],
    ['a file is empty', 422, 'A file is empty.', [['empty.txt', ''] as [string, BlobPart]]],
    [
      'there are eleven files',
      422,
      'Send at most 10 files with a message.',
      Array.from({ length: 11 }, (_, index) => [`${index}.txt`, 'Hello'] as [string, BlobPart])
    ]
  ])('is refused when %s: its text stays, and nothing else', async (_, status, words, files) => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    const refused = await browser.post(
      `${client.path}/1`,
      messageOf({ intent: 'reply', content: 'My long text' }, ...files, ['a.txt', 'Hi'])
    )
    expect(refused.status).toBe(status)
    expect(refused.html).toContain(words)
    expect(refused.html).toContain('My long text</textarea>')
    expect(refused.html).toContain('Please choose your files again.')
    expect(await remains(client)).toEqual(nothing)
    // The connection still works.
    expect((await browser.get(`${client.path}/1`)).status).toBe(200)
  })

  test('keeps no file when its text is refused, or its ticket was closed meanwhile', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    const empty = await browser.post(`${client.path}/1`, messageOf({ intent: 'reply', content: ' ' }, ['a.txt', 'Hello']))
    expect(empty.status).toBe(422)
    expect(empty.html).toContain('Please fill in this field.')
    expect(empty.html).toContain('Please choose your files again.')
    await database()`update public.tickets set status = 'closed' where id = ${client.team.tickets.bobs}`
    const closed = await browser.post(`${client.path}/1`, messageOf({ intent: 'reply', content: 'Hello' }, ['a.txt', 'Hello']))
    expect(closed.status).toBe(409)
    expect(closed.html).toContain('Please choose your files again.')
    expect(await remains(client)).toEqual(nothing)
  })

  test('is refused from another site, and for a ticket of somebody else', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client)
    const form = () => messageOf({ intent: 'reply', content: 'Hello' }, ['a.txt', 'Hello'])
    expect((await browser.post(`${client.path}/1`, form(), { origin: 'https://evil.test' })).status).toBe(403)
    expect((await browser.post(`${client.path}/2`, form())).status).toBe(401)
    expect(await remains(client)).toEqual(nothing)
  })
})

describe('a form with files, with a virus scanner', () => {
  let clamd: Clamd
  let baseUrl = ''
  const cleanups: (() => Promise<void>)[] = []

  beforeAll(async () => {
    clamd = await startClamd()
    cleanups.push(() => clamd.stop())
    const server = await startSecondServer({ scanner: clamd })
    baseUrl = server.baseUrl
    cleanups.push(() => server.stop())
  }, 90_000)
  afterAll(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup()
  })

  test('says plainly that a file is infected, and stores none of its files', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client, { baseUrl })
    const form = messageOf({ intent: 'reply', content: 'My long text' }, ['clean.txt', 'Hello'], ['invoice.exe', infectedText])
    const refused = await browser.post(`${client.path}/1`, form)
    expect(refused.status).toBe(422)
    expect(refused.html).toContain('Our virus scanner found something in “invoice.exe”. Nothing was sent.')
    expect(refused.html).toContain('My long text</textarea>')
    expect(await remains(client)).toEqual(nothing)
    const [event] = await database()`select type, contact_id from ticket_events where team_id = ${client.team.id} order by id desc limit 1`
    expect(event).toEqual({ type: 'attachment.infected', contact_id: client.contact })
  })

  test('is refused while the scanner is down, unless the team allows files that were not scanned', async () => {
    const client = await newClient()
    const browser = await openedBrowser(client, { baseUrl })
    await clamd.stop()
    const form = () => messageOf({ intent: 'reply', content: 'My long text' }, ['a.txt', 'Hello'])
    const refused = await browser.post(`${client.path}/1`, form())
    expect(refused.status).toBe(409)
    expect(refused.html).toContain('Our virus scanner cannot check files at the moment.')
    expect(await remains(client)).toEqual(nothing)
    await database()`update public.teams set unscanned_files = 'warn' where id = ${client.team.id}`
    expect((await browser.post(`${client.path}/1`, form())).status).toBe(303)
    expect(await remains(client)).toEqual({ ...nothing, attachments: 1 })
    clamd = await startClamd({ port: clamd.port })
  }, 60_000)
})
