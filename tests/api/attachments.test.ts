import { randomBytes } from 'node:crypto'
import { text } from 'node:stream/consumers'
import { fromBufferPromise } from 'yauzl'
import { describe, expect, test } from 'vitest'
import type { Attachment, Reply, TicketDetail } from '#shared/types/api'
import { api, apiWithKey, createKey, database, expectError, newTeam, signIn } from '../support/api.ts'
import { formOf } from '../support/form.ts'
import { product } from '../support/own-product.ts'
import { describeRouteRights } from '../support/routes.ts'
import { adam, ann, bob, dan, initech, vera, type TeamWorld } from '../support/world.ts'

describeRouteRights('attachments')

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
const attach = async (team: TeamWorld, form = formOf(), person = bob) =>
  (await api<Attachment>(person, 'POST', `/teams/${team.id}/tickets/${team.tickets.bobs}/attachments`, form)).body

async function download(team: { id: string }, id: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${product().baseUrl}/api/teams/${team.id}/attachments/${id}`, {
    headers: { authorization: `Bearer ${await signIn(vera)}`, ...headers }
  })
  return { status: response.status, headers: response.headers, content: Buffer.from(await response.arrayBuffer()) }
}

describe('a download', () => {
  test('an image is shown, with headers that keep it from doing anything else', async () => {
    const team = await newTeam()
    const { id } = await attach(team, formOf(png, { name: 'Grüße.png' }))
    const { status, headers, content } = await download(team, id)
    expect(status).toBe(200)
    expect(content.equals(png)).toBe(true)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': String(png.length),
      'content-disposition': `inline; filename="Gru_e.png"; filename*=UTF-8''Gr%C3%BC%C3%9Fe.png`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'private, max-age=300',
      'accept-ranges': 'bytes'
    })
  })

  test.each([
    ['HTML', '<!doctype html><script>alert(1)</script>', 'text/html'],
    ['SVG', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', 'image/svg+xml'],
    ['a PDF', '%PDF-1.7\n', 'application/pdf'],
    ['text', 'Hello', 'text/plain']
  ])('%s is downloaded, never shown', async (_, content, type) => {
    const team = await newTeam()
    const { id } = await attach(team, formOf(content, { name: 'x.png', type: 'image/png' }))
    const { headers } = await download(team, id)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': type,
      'content-disposition': `attachment; filename="x.png"; filename*=UTF-8''x.png`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': "sandbox; default-src 'none'",
      'cache-control': 'private, no-store'
    })
  })

  test('a single range is answered with 206, an impossible one with 416, and several with the whole file', async () => {
    const team = await newTeam()
    const bytes = randomBytes(300_000)
    const { id } = await attach(team, formOf(bytes, { name: 'a.bin' }))
    for (const [range, start, end] of [
      ['bytes=0-9', 0, 9],
      ['bytes=100000-200000', 100_000, 200_000],
      ['bytes=-5', 299_995, 299_999],
      ['bytes=299999-', 299_999, 299_999]
    ] as const) {
      const part = await download(team, id, { range })
      expect(part.status).toBe(206)
      expect(part.headers.get('content-range')).toBe(`bytes ${start}-${end}/300000`)
      expect(part.content.equals(bytes.subarray(start, end + 1)), range).toBe(true)
    }
    const impossible = await download(team, id, { range: 'bytes=300000-' })
    expect([impossible.status, impossible.headers.get('content-range')]).toEqual([416, 'bytes */300000'])
    expect((await download(team, id, { range: 'bytes=0-1,5-6' })).content.equals(bytes)).toBe(true)
  })

  test('a file of another team, and one in the own team with a foreign id, do not exist', async () => {
    const team = await newTeam()
    expect((await download(team, initech.attachment)).status).toBe(404)
    expect((await download(initech, initech.attachment)).status).toBe(404)
    expectError(await api(dan, 'GET', `/teams/${initech.id}/attachments/${team.attachment}`), 404)
  })

  test('an unscanned file is not downloaded while the team blocks such files', async () => {
    const team = await newTeam()
    const { id } = await attach(team)
    await api(ann, 'PATCH', `/teams/${team.id}`, { unscanned_files: 'block' })
    expectError(await api(bob, 'GET', `/teams/${team.id}/attachments/${id}`), 409, 'attachment_unscanned')
  })

  test('the storage server shows no file to anybody with a token or the publishable key', async () => {
    const team = await newTeam()
    const { supabaseUrl, publishableKey } = product()
    for (const authorization of [`Bearer ${await signIn(bob)}`, `Bearer ${publishableKey}`])
      for (const path of ['', 'authenticated/', 'public/', 'info/']) {
        const url = `${supabaseUrl}/storage/v1/object/${path}attachments/${team.id}/${team.attachment}`
        const response = await fetch(url, { headers: { apikey: publishableKey, authorization } })
        expect(response.ok, `${path} ${await response.text()}`).toBe(false)
      }
  })
})

describe('attaching in one request', () => {
  test('a file is added to a ticket and to a reply', async () => {
    const team = await newTeam()
    const ofTicket = await attach(team)
    expect(ofTicket).toMatchObject({ ticket_id: team.tickets.bobs, reply_id: null, uploaded_by: { id: bob.id } })
    const { status, body } = await api<Attachment>(bob, 'POST', `/teams/${team.id}/replies/${team.replies.bobs}/attachments`, formOf())
    expect(status).toBe(201)
    expect(body).toMatchObject({ ticket_id: team.tickets.bobs, reply_id: team.replies.bobs })
    expect(await database()`select type from ticket_events where team_id = ${team.id} order by id desc limit 2`).toEqual([
      { type: 'attachment.added' },
      { type: 'attachment.added' }
    ])
  })

  test('a refused file leaves no upload and no object', async () => {
    const team = await newTeam()
    const rows = () => database()`select (select count(*) from uploads where team_id = ${team.id}) as uploads,
      (select count(*) from storage.objects where name like ${`${team.id}/%`}) as objects`
    const before = await rows()
    expectError(await api(bob, 'POST', `/teams/${team.id}/tickets/${team.tickets.closed}/attachments`, formOf()), 403)
    expectError(await api(bob, 'POST', `/teams/${team.id}/replies/${team.replies.veras}/attachments`, formOf()), 403)
    expectError(await api(bob, 'POST', `/teams/${team.id}/tickets/${initech.tickets.dans}/attachments`, formOf()), 404)
    expect(await rows()).toEqual(before)
  })

  test('a repeated request with the same Idempotency-Key attaches once', async () => {
    const team = await newTeam()
    const send = () =>
      api<Attachment>(bob, 'POST', `/teams/${team.id}/tickets/${team.tickets.bobs}/attachments`, formOf('once'), {
        headers: { 'idempotency-key': 'attach-1' }
      })
    const first = await send()
    expect((await send()).body).toEqual(first.body)
    const { body } = await api<TicketDetail>(bob, 'GET', `/teams/${team.id}/tickets/${team.tickets.bobs}`)
    expect(body.attachments).toHaveLength(2) // one is of the world
  })

  test('a key with the scope write uploads by the routes of the reference, and its event names the key', async () => {
    const team = await newTeam()
    const key = await createKey(team, bob, ['write'], { name: 'n8n' })
    const { status, body } = await apiWithKey<Attachment>(key, 'POST', `/v1/tickets/${team.tickets.bobs}/attachments`, formOf())
    expect(status).toBe(201)
    expect((await fetch(`${product().baseUrl}/api/v1/attachments/${body.id}`, { headers: { 'x-api-key': key } })).status).toBe(200)
    const [event] =
      await database()`select api_key ->> 'name' as name from ticket_events where team_id = ${team.id} order by id desc limit 1`
    expect(event).toEqual({ name: 'n8n' })
  })
})

describe('removing', () => {
  test('a removed file leaves a tombstone in the conversation, and its content is gone', async () => {
    const team = await newTeam()
    const { body: file } = await api<Attachment>(bob, 'POST', `/teams/${team.id}/replies/${team.replies.bobs}/attachments`, formOf())
    expectError(await api(vera, 'DELETE', `/teams/${team.id}/attachments/${file.id}`), 403)
    expect((await api(adam, 'DELETE', `/teams/${team.id}/attachments/${file.id}`)).status).toBe(204)
    const { body: replies } = await api<Reply[]>(bob, 'GET', `/teams/${team.id}/tickets/${team.tickets.bobs}/replies`)
    expect(replies.find(({ id }) => id === team.replies.bobs)!.attachments).toMatchObject([
      { id: file.id, name: 'hello.txt', removed_by: { id: adam.id, full_name: adam.name } }
    ])
    expectError(await api(bob, 'GET', `/teams/${team.id}/attachments/${file.id}`), 410, 'attachment_removed')
    expectError(await api(bob, 'DELETE', `/teams/${team.id}/attachments/${file.id}`), 404)
    expect(await database()`select 1 from storage.objects where name = ${`${team.id}/${file.id}`}`).toEqual([])
  })
})

describe('all files of a ticket', () => {
  async function archive(team: TeamWorld, ticketId = team.tickets.bobs) {
    const response = await fetch(`${product().baseUrl}/api/teams/${team.id}/attachments.zip?ticket=${ticketId}`, {
      headers: { authorization: `Bearer ${await signIn(vera)}` }
    })
    const content = Buffer.from(await response.arrayBuffer())
    return { status: response.status, headers: response.headers, content }
  }

  async function unzip(content: Buffer): Promise<Record<string, string>> {
    const zip = await fromBufferPromise(content)
    const entries: Record<string, string> = {}
    for await (const entry of zip.eachEntry()) entries[entry.fileName] = await text(await zip.openReadStreamPromise(entry))
    return entries
  }

  test('the zip has the files of the ticket and its replies under distinct names, and says which ones are missing', async () => {
    const team = await newTeam()
    await attach(team, formOf('one', { name: 'Notes.txt' }))
    await api(bob, 'POST', `/teams/${team.id}/replies/${team.replies.bobs}/attachments`, formOf('two', { name: 'notes.txt' }))
    await attach(team, formOf('three', { name: 'Grüße.txt' }))
    const removed = await attach(team, formOf('gone', { name: 'photo.jpg' }))
    await api(adam, 'DELETE', `/teams/${team.id}/attachments/${removed.id}`)
    const infected = await attach(team, formOf('bad', { name: 'tool.exe' }))
    await database()`update ticket_attachments set state = 'infected', signature = 'Test.Virus' where id = ${infected.id}`

    const { status, headers, content } = await archive(team)
    expect(status).toBe(200)
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/zip',
      'content-length': String(content.length),
      'content-disposition': expect.stringMatching(/^attachment; filename="ticket-\d{3}-files\.zip"$/) as string,
      'x-content-type-options': 'nosniff',
      'cache-control': 'private, no-store'
    })
    expect(await unzip(content)).toEqual({
      'hello.txt': 'Hello',
      'Notes.txt': 'one',
      'notes (2).txt': 'two',
      'Grüße.txt': 'three',
      'MISSING.txt': expect.stringMatching(
        /^These files are not in this archive:\r\nphoto\.jpg: removed by Adam .+ at \d{4}-\d\d-\d\d \d\d:\d\d UTC\r\ntool\.exe: deleted, because the virus scanner found Test\.Virus\r\n$/
      ) as string
    })
  })

  test('unscanned files are left out while the team blocks them', async () => {
    const team = await newTeam()
    await attach(team, formOf('new', { name: 'new.txt' }))
    await api(ann, 'PATCH', `/teams/${team.id}`, { unscanned_files: 'block' })
    const entries = await unzip((await archive(team)).content)
    expect(entries['MISSING.txt']).toContain('new.txt: waits for the virus scanner')
    expect(entries).not.toHaveProperty('new.txt')
  })

  test('more than 500 MB are refused before any byte', async () => {
    const team = await newTeam()
    await database()`
      insert into ticket_attachments (id, team_id, ticket_id, uploaded_by, name, size, sha256, content_type, state, position)
      select gen_random_uuid(), ${team.id}, ${team.tickets.bobs}, ${bob.id}, 'a.bin', 26214400, repeat('a', 64), 'text/plain', 'clean', n + 1
      from generate_series(1, 20) as n`
    expectError(await api(bob, 'GET', `/teams/${team.id}/attachments.zip?ticket=${team.tickets.bobs}`), 413, 'too_large')
  })

  test('a transfer is aborted when the content of a file is missing', async () => {
    const team = await newTeam()
    await database()`
      insert into ticket_attachments (id, team_id, ticket_id, uploaded_by, name, size, sha256, content_type, state, position)
      values (gen_random_uuid(), ${team.id}, ${team.tickets.bobs}, ${bob.id}, 'a.bin', 10, repeat('a', 64), 'text/plain', 'clean', 2)`
    await expect(archive(team)).rejects.toThrow('terminated')
    expect((await api(bob, 'GET', `/teams/${team.id}`)).status).toBe(200)
  })

  test('a ticket of another team is unknown, and the query must name a ticket', async () => {
    const team = await newTeam()
    const of = (query: string) => api(bob, 'GET', `/teams/${team.id}/attachments.zip${query}`)
    expectError(await of(`?ticket=${initech.tickets.dans}`), 404)
    expectError(await of(''), 400, 'invalid')
    expectError(await of('?ticket=1'), 400, 'invalid')
  })
})
