import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ArticleImage, Attachment, Upload } from '#shared/types/api'
import { configureScanner, scanFile } from '#server/adapters/clamd'
import { configureStorage } from '#server/adapters/storage'
import { closePool, configureDatabase } from '#server/db/pool'
import { rescanFiles } from '#server/jobs/rescan-files'
import { api, database, newTeam, signIn } from '../support/api.ts'
import { eicar, infectedText, startClamd, type Clamd } from '../support/clamd.ts'
import { formOf, onePixel } from '../support/form.ts'
import { product } from '../support/own-product.ts'
import { startSecondServer } from '../support/second-server.ts'
import { ann, bob, type TeamWorld } from '../support/world.ts'

// A real clamd, and a second server on the database of this worker that uses it.
let clamd: Clamd
let baseUrl = ''
const cleanups: (() => Promise<void>)[] = []

beforeAll(async () => {
  clamd = await startClamd()
  cleanups.push(() => clamd.stop())
  const server = await startSecondServer({ scanner: clamd })
  baseUrl = server.baseUrl
  cleanups.push(() => server.stop())
  const { supabaseUrl, secretKey, databaseUrl } = product()
  configureDatabase(databaseUrl, 2)
  configureStorage({ url: supabaseUrl, secretKey })
}, 90_000)

afterAll(async () => {
  for (const cleanup of cleanups.reverse()) await cleanup()
  await closePool()
})

const infectedPicture = Buffer.concat([onePixel, Buffer.from(infectedText)])

async function upload(team: TeamWorld, content: BlobPart, name = 'a.txt', route = 'uploads') {
  const response = await fetch(`${baseUrl}/api/teams/${team.id}/${route}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await signIn(bob)}` },
    body: formOf(content, { name })
  })
  return { status: response.status, body: (await response.json()) as Upload & { data: { code: string; upload: Upload } } }
}
const objectCount = async (team: TeamWorld, id: string) =>
  (await database()`select 1 from storage.objects where name = ${`${team.id}/${id}`}`).length

describe('scanFile with a real clamd', () => {
  async function* pieces(...contents: Uint8Array[]) {
    yield* contents
  }

  test('finds a signature also across the borders of chunks, and nothing in other files', async () => {
    configureScanner(clamd)
    expect(await scanFile(pieces(Buffer.from('Hello')))).toEqual({ state: 'clean' })
    expect(await scanFile(pieces(Buffer.alloc(26_214_400, 'clean text ')))).toEqual({ state: 'clean' })
    const whole = Buffer.concat([Buffer.alloc(65_530, 'x'), Buffer.from(infectedText), Buffer.alloc(100_000, 'x')])
    expect(await scanFile(pieces(whole.subarray(0, 65_540), whole.subarray(65_540)))).toEqual({
      state: 'infected',
      signature: 'Switchboard.Test.UNOFFICIAL'
    })
  })

  test('a file over the limit of the scanner is unscanned, not clean', async () => {
    const small = await startClamd({ maxStreamMegabytes: 1 })
    try {
      configureScanner(small)
      expect(await scanFile(pieces(Buffer.alloc(3_000_000, 'x')))).toMatchObject({ state: 'unscanned' })
      expect(await scanFile(pieces(Buffer.alloc(900_000, 'x')))).toEqual({ state: 'clean' })
    } finally {
      await small.stop()
    }
  })
})

describe('an upload with a scanner', () => {
  test('a clean file is clean and can be sent', async () => {
    const team = await newTeam()
    expect(await upload(team, 'Hello')).toMatchObject({ status: 201, body: { state: 'clean' } })
  })

  test.each([
    ['the file of the tests', infectedText],
    ['EICAR', eicar]
  ])('an infected file is refused, never stored, and an event of the team: %s', async (_, content) => {
    const team = await newTeam()
    const { status, body } = await upload(team, `${content}`, 'invoice.exe')
    expect(status).toBe(422)
    expect(body.data).toMatchObject({ code: 'upload_infected', upload: { state: 'infected', name: 'invoice.exe' } })
    const { id, signature } = body.data.upload
    expect(signature).toMatch(/^Switchboard\.\w+\.UNOFFICIAL$/)
    expect(await objectCount(team, id)).toBe(0)
    const reply = { content: 'See file', upload_ids: [id] }
    expect(await api(bob, 'POST', `/teams/${team.id}/tickets/${team.tickets.bobs}/replies`, reply)).toMatchObject({
      status: 422,
      body: { data: { code: 'upload_infected' } }
    })
    const [event] = await database()`select type, "to" from ticket_events where team_id = ${team.id} order by id desc limit 1`
    expect(event).toMatchObject({ type: 'attachment.infected', to: { name: 'invoice.exe', signature } })
  })

  test('an infected picture for articles is refused, and never stored', async () => {
    const team = await newTeam()
    const { status, body } = await upload(team, infectedPicture, 'menu.png', 'article-images')
    expect([status, body.data.code]).toEqual([422, 'upload_infected'])
    expect(await objectCount(team, body.data.upload.id)).toBe(0)
    expect(await database()`select from private.article_images where id = ${body.data.upload.id}`).toHaveLength(0)
  })

  test('while the scanner is down files are unscanned and cannot be sent; a job scans them when it is back', async () => {
    const team = await newTeam()
    const { port } = clamd
    await clamd.stop()
    const clean = await upload(team, 'Hello')
    const infected = await upload(team, infectedText)
    expect(clean).toMatchObject({ status: 201, body: { state: 'unscanned' } })
    expect(infected).toMatchObject({ status: 201, body: { state: 'unscanned' } })
    const send = (id: string) =>
      fetch(`${baseUrl}/api/teams/${team.id}/tickets/${team.tickets.bobs}/replies`, {
        method: 'POST',
        headers: { 'authorization': bobs, 'content-type': 'application/json' },
        body: JSON.stringify({ content: 'See file', upload_ids: [id] })
      })
    const bobs = `Bearer ${await signIn(bob)}`
    expect((await send(clean.body.id)).status).toBe(409)

    // Sent where the team allows it: the later scan finds it in the conversation.
    const sent = await api<Attachment>(bob, 'POST', `/teams/${team.id}/tickets/${team.tickets.bobs}/attachments`, formOf(infectedText))
    expect(sent.body.state).toBe('unscanned')
    const picture = await api<ArticleImage>(bob, 'POST', `/teams/${team.id}/article-images`, formOf(infectedPicture))
    expect(picture.status).toBe(201)
    configureScanner({ host: '127.0.0.1', port })
    expect(await rescanFiles(new AbortController().signal)).toBe(0)

    clamd = await startClamd({ port })
    expect(await rescanFiles(new AbortController().signal)).toBeGreaterThanOrEqual(4)
    expect((await send(clean.body.id)).status).toBe(201)
    expect((await send(infected.body.id)).status).toBe(422)
    expect(await objectCount(team, infected.body.id)).toBe(0)
    expect(await objectCount(team, sent.body.id)).toBe(0)
    expect(await objectCount(team, picture.body.id)).toBe(0)
    expect((await api(bob, 'GET', `/teams/${team.id}/article-images/${picture.body.id}`)).status).toBe(404)
    const events = await database()`
      select "to" ->> 'sha256' as sha256 from ticket_events where team_id = ${team.id} and type = 'attachment.infected'`
    expect(events).toHaveLength(3)
    expect(await api(ann, 'GET', `/teams/${team.id}/attachments/${sent.body.id}`)).toMatchObject({
      status: 410,
      body: { data: { code: 'attachment_infected' } }
    })
  }, 60_000)
})
