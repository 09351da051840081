import { once } from 'node:events'
import { createHash, randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { Attachment, Reply, Ticket, TicketDetail, Upload } from '#shared/types/api'
import { api, apiWithKey, createKey, database, expectError, newTeam, signIn } from '../support/api.ts'
import { formOf } from '../support/form.ts'
import { product } from '../support/own-product.ts'
import { describeRouteRights } from '../support/routes.ts'
import { ann, bob, unknownId, vera, type TeamWorld } from '../support/world.ts'

describeRouteRights('uploads')

const maxBytes = 26_214_400
const upload = (team: TeamWorld, form = formOf(), person = bob, headers: Record<string, string> = {}) =>
  api<Upload>(person, 'POST', `/teams/${team.id}/uploads`, form, { headers })
const objects = (team: TeamWorld) =>
  database()<
    { name: string }[]
  >`select name from storage.objects where bucket_id = 'attachments' and name like ${`${team.id}/%`} order by name`
const uploadRows = (team: TeamWorld) => database()`select id from public.uploads where team_id = ${team.id} order by id`

describe('uploads', () => {
  test('an upload answers the facts of the file: its name, size, digest and type by content', async () => {
    const team = await newTeam()
    const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64')
    const { status, body } = await upload(team, formOf(png, { name: '../photo\u202egnp.txt', type: 'text/html' }))
    expect(status).toBe(201)
    expect(body).toEqual({
      id: expect.any(String) as string,
      team_id: team.id,
      name: 'photognp.txt',
      size: png.length,
      sha256: createHash('sha256').update(png).digest('hex'),
      content_type: 'image/png',
      state: 'unscanned', // this product has no scanner
      signature: null,
      created_at: expect.any(String) as string,
      expires_at: expect.any(String) as string
    })
    expect((await api(bob, 'GET', `/teams/${team.id}/uploads/${body.id}`)).body).toEqual(body)
    expect((await objects(team)).map(({ name }) => name)).toContain(`${team.id}/${body.id}`)
  })

  test('a deleted upload leaves neither row nor object', async () => {
    const team = await newTeam()
    const { id } = (await upload(team)).body
    expect((await api(bob, 'DELETE', `/teams/${team.id}/uploads/${id}`)).status).toBe(204)
    expectError(await api(bob, 'GET', `/teams/${team.id}/uploads/${id}`), 404)
    expect((await objects(team)).map(({ name }) => name)).not.toContain(`${team.id}/${id}`)
  })

  test('a key and its member do not see the uploads of each other', async () => {
    const team = await newTeam()
    const key = await createKey(team, bob, ['write'])
    const of = { key: (await apiWithKey<Upload>(key, 'POST', `/teams/${team.id}/uploads`, formOf())).body, bob: (await upload(team)).body }
    expectError(await api(bob, 'GET', `/teams/${team.id}/uploads/${of.key.id}`), 404)
    expectError(await apiWithKey(key, 'GET', `/teams/${team.id}/uploads/${of.bob.id}`), 404)
    expect((await apiWithKey(key, 'GET', `/teams/${team.id}/uploads/${of.key.id}`)).status).toBe(200)
  })

  test.each([
    ['no file', new FormData(), 400],
    ['another field', formOf('x', { field: 'document' }), 400],
    ['an empty file', formOf(''), 422],
    ['a second file', append(formOf(), 'file', new Blob(['y'])), 400],
    ['a second field', append(formOf(), 'note', 'y'), 400]
  ])('a body with %s is refused and leaves nothing', async (_, form, status) => {
    const team = await newTeam()
    const before = [await uploadRows(team), await objects(team)]
    expectError(await upload(team, form), status)
    expect([await uploadRows(team), await objects(team)]).toEqual(before)
  })

  test('a body that is not multipart is 415, and a malformed one 400', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/uploads`
    expectError(await api(bob, 'POST', path, { file: 'x' }), 415, 'content_type')
    const send = (raw: string) => api(bob, 'POST', path, undefined, { raw, headers: { 'content-type': 'multipart/form-data; boundary=b' } })
    expectError(await send('nonsense'), 400)
    expectError(await send('--b\r\ncontent-disposition: form-data; name="file"; filename="a"\r\n\r\nnever ends'), 400, 'malformed')
    expectError(await api(bob, 'POST', `${path}?x=1`, formOf()), 400)
  })

  test('25 MB are accepted, and one byte more is 413 and leaves nothing', async () => {
    const team = await newTeam()
    const content = randomBytes(maxBytes)
    const { status, body } = await upload(team, formOf(content, { name: 'large.bin', type: 'application/octet-stream' }))
    expect(status).toBe(201)
    expect(body).toMatchObject({ size: maxBytes, sha256: createHash('sha256').update(content).digest('hex') })
    const before = [await uploadRows(team), await objects(team)]
    expectError(await upload(team, formOf(Buffer.concat([content, Buffer.from('x')]))), 413, 'too_large')
    expect([await uploadRows(team), await objects(team)]).toEqual(before)
  })

  test('a file without a declared length is 413 while it streams, and its connection closes within 1.5 seconds', async () => {
    const team = await newTeam()
    const { answer, closedAfterMs } = await stream(team)
    expect(answer).toMatch(/^HTTP\/1.1 413 /)
    expect(closedAfterMs).toBeLessThan(1_500)
  })

  test('a sender who is refused before the body arrives, and asks for the connection to be closed, gets the answer', async () => {
    const { hostname, port } = new URL(product().baseUrl)
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.on('data', data => (answer += data.toString()))
    const ended = once(socket, 'end')
    const body = randomBytes(200_000)
    socket.write(
      `POST /api/teams/${(await newTeam()).id}/uploads HTTP/1.1\r\nhost: ${hostname}:${port}\r\nconnection: close\r\n` +
        `content-type: multipart/form-data; boundary=b\r\ncontent-length: ${body.length}\r\n\r\n`
    )
    for (let at = 0; at < body.length; at += 50_000) {
      await sleep(50)
      expect(socket.writable && !socket.readableEnded, 'the connection is open while the body is sent').toBe(true)
      socket.write(body.subarray(at, at + 50_000))
    }
    await ended
    expect(answer).toMatch(/^HTTP\/1.1 401 /)
    socket.destroy()
  })

  test('a sender who disconnects in the middle leaves nothing', async () => {
    const team = await newTeam()
    const before = [await uploadRows(team), await objects(team)]
    await stream(team, 4_000_000)
    await sleep(300)
    expect([await uploadRows(team), await objects(team)]).toEqual(before)
  })

  test('a repeated upload with the same Idempotency-Key is stored once, and another file with it is 422', async () => {
    const team = await newTeam()
    const headers = { 'idempotency-key': 'upload-1' }
    const first = await upload(team, formOf('one'), bob, headers)
    const again = await upload(team, formOf('one'), bob, headers)
    expect(again.body).toEqual(first.body)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(await uploadRows(team)).toHaveLength(2) // one is of the world
    expectError(await upload(team, formOf('two'), bob, headers), 422, 'idempotency_mismatch')
  })
})

describe('sending uploads', () => {
  const reply = (team: TeamWorld, upload_ids: string[], person = bob) =>
    api<Reply>(person, 'POST', `/teams/${team.id}/tickets/${team.tickets.bobs}/replies`, { content: 'See files', upload_ids })

  test('a reply carries its files, in answers and in the conversation', async () => {
    const team = await newTeam()
    const ids = [(await upload(team, formOf('a', { name: 'b.txt' }))).body.id, (await upload(team, formOf('b', { name: 'a.txt' }))).body.id]
    const { status, body } = await reply(team, ids)
    expect(status).toBe(201)
    expect(body.attachments.map(({ id, name, reply_id }) => ({ id, name, reply_id }))).toEqual([
      { id: ids[0], name: 'b.txt', reply_id: body.id },
      { id: ids[1], name: 'a.txt', reply_id: body.id }
    ])
    const { body: replies } = await api<Reply[]>(vera, 'GET', `/teams/${team.id}/tickets/${team.tickets.bobs}/replies`)
    expect(replies.at(-1)!.attachments).toEqual(body.attachments)
    expectError(await api(bob, 'GET', `/teams/${team.id}/uploads/${ids[0]}`), 404)
  })

  test('a ticket carries its own files, not those of its replies', async () => {
    const team = await newTeam()
    const { id } = (await upload(team)).body
    const { body: ticket } = await api<Ticket>(bob, 'POST', `/teams/${team.id}/tickets`, {
      subject: 'Broken',
      description: 'See file',
      upload_ids: [id]
    })
    await api(bob, 'POST', `/teams/${team.id}/tickets/${ticket.id}/replies`, {
      content: 'More',
      upload_ids: [(await upload(team)).body.id]
    })
    const { body } = await api<TicketDetail>(vera, 'GET', `/teams/${team.id}/tickets/${ticket.id}`)
    expect(body.attachments).toMatchObject([
      { id, reply_id: null, name: 'hello.txt', uploaded_by: { id: bob.id, full_name: bob.name }, removed_at: null }
    ])
  })

  test('an upload that cannot be sent refuses the whole message', async () => {
    const team = await newTeam()
    const count = async () => (await api<Reply[]>(bob, 'GET', `/teams/${team.id}/tickets/${team.tickets.bobs}/replies`)).body.length
    const before = await count()
    const good = (await upload(team)).body.id
    const anns = (await upload(team, formOf(), ann)).body.id
    const used = (await upload(team)).body.id
    await reply(team, [used])
    for (const id of [unknownId, anns]) {
      const error = expectError(await reply(team, [good, id]), 400, 'invalid')
      expect(error.data.issues).toEqual([{ path: 'upload_ids', message: 'Not an upload of yours in this team' }])
    }
    expectError(await reply(team, [good, used]), 409, 'upload_used')
    await database()`update public.uploads set state = 'receiving' where id = ${good}`
    expectError(await reply(team, [good]), 409, 'upload_unfinished')
    expect(await count()).toBe(before + 1)
  })

  test('an unscanned file is refused if the team blocks such files', async () => {
    const team = await newTeam()
    expect((await api(ann, 'PATCH', `/teams/${team.id}`, { unscanned_files: 'block' })).body).toMatchObject({ unscanned_files: 'block' })
    const { id } = (await upload(team)).body
    expectError(await reply(team, [id]), 409, 'upload_unscanned')
    await api(ann, 'PATCH', `/teams/${team.id}`, { unscanned_files: null })
    expect((await reply(team, [id])).body.attachments).toMatchObject([{ id, state: 'unscanned' }] satisfies Partial<Attachment>[])
  })
})

function append(form: FormData, name: string, value: string | Blob): FormData {
  if (typeof value === 'string') form.append(name, value)
  else form.append(name, value, 'second.txt')
  return form
}

/** Sends a file of endless chunks without a length, and disconnects after `until` bytes. Measures how long the connection outlives the answer. */
async function stream(team: TeamWorld, until = Infinity): Promise<{ answer: string; closedAfterMs: number }> {
  const { hostname, port } = new URL(product().baseUrl)
  const socket = connect(Number(port), hostname)
  socket.write(
    `POST /api/teams/${team.id}/uploads HTTP/1.1\r\nhost: ${hostname}:${port}\r\nauthorization: Bearer ${await signIn(bob)}\r\n` +
      'content-type: multipart/form-data; boundary=b\r\ntransfer-encoding: chunked\r\n\r\n'
  )
  const sendChunk = (bytes: Buffer) => {
    socket.write(`${bytes.length.toString(16)}\r\n`)
    socket.write(bytes)
    return socket.write('\r\n')
  }
  let answer = ''
  let answeredAt = 0
  socket.on('data', data => {
    answeredAt ||= performance.now()
    answer += data.toString()
  })
  socket.on('error', () => {}) // reset by the server
  const closed = new Promise<void>(resolve => socket.once('close', () => resolve()))
  sendChunk(Buffer.from('--b\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'))
  const chunk = randomBytes(64 * 1024)
  for (let sent = 0; sent < until && !socket.destroyed; sent += chunk.length)
    if (!sendChunk(chunk)) await Promise.race([new Promise(resolve => socket.once('drain', resolve)), closed])
  socket.destroy()
  await closed
  return { answer, closedAfterMs: performance.now() - answeredAt }
}
