import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Upload } from '#shared/types/api'
import { configureStorage } from '#server/adapters/storage'
import { closePool, configureDatabase } from '#server/db/pool'
import { sweepUploads } from '#server/jobs/sweep-uploads'
import { api, database, newTeam, signIn, storeObject } from '../support/api.ts'
import { formOf } from '../support/form.ts'
import { product } from '../support/own-product.ts'
import { startSecondServer } from '../support/second-server.ts'
import { ann, bob, unknownId, type TeamWorld } from '../support/world.ts'

beforeAll(() => {
  configureDatabase(product().databaseUrl, 2)
  configureStorage({ url: product().supabaseUrl, secretKey: product().secretKey })
})
afterAll(closePool)

const sweep = () => sweepUploads(new AbortController().signal)
const upload = async (team: TeamWorld, content: BlobPart = 'Hello') =>
  (await api<Upload>(bob, 'POST', `/teams/${team.id}/uploads`, formOf(content))).body.id
/** The ids of the files of a team that have an object, and that have a row that needs one. */
async function readState({ id }: TeamWorld): Promise<{ objects: string[]; rows: string[] }> {
  const objects = await database()<{ id: string }[]>`
    select split_part(name, '/', 2) as id from storage.objects where bucket_id = 'attachments' and name like ${`${id}/%`} order by 1`
  const rows = await database()<{ id: string }[]>`
    select id::text from uploads where team_id = ${id} and state <> 'infected'
    union select id::text from ticket_attachments where team_id = ${id} and removed_at is null and state <> 'infected'
    union select id::text from private.article_images where team_id = ${id} and state <> 'infected' order by 1`
  return { objects: objects.map(({ id }) => id), rows: rows.map(({ id }) => id) }
}

describe('the sweep', () => {
  test('deletes expired uploads with their content, and keeps all others', async () => {
    const team = await newTeam()
    const [expired, kept] = [await upload(team), await upload(team)]
    await database()`update uploads set expires_at = now() - interval '1 minute' where id = ${expired}`
    await sweep()
    const { objects, rows } = await readState(team)
    expect(objects).toEqual(rows)
    expect(rows).toContain(kept)
    expect(rows).toContain(team.attachment)
    expect(rows).not.toContain(expired)
  })

  test('deletes the content of deleted tickets, deleted teams and removed files, and objects that never had a row', async () => {
    const team = await newTeam()
    const ticket = team.tickets.unassigned
    await api(bob, 'POST', `/teams/${team.id}/tickets/${ticket}/attachments`, formOf())
    await api(ann, 'DELETE', `/teams/${team.id}/tickets/${ticket}`)
    await database()`update ticket_attachments set removed_at = now(), removed_by = ${ann.id} where id = ${team.attachment}`
    await storeObject(`${team.id}/${unknownId}`, 'orphan')
    await storeObject(`${team.id}/not-an-id`, 'orphan')
    await sweep()
    const left = [team.upload, ...Object.values(team.articleImages)].sort()
    expect(await readState(team)).toEqual({ objects: left, rows: left })
    await api(ann, 'DELETE', `/teams/${team.id}`)
    await sweep()
    expect(await readState(team)).toEqual({ objects: [], rows: [] })
  })

  test('deletes pictures that no text has named for a day, and keeps all others', async () => {
    const team = await newTeam()
    const { printer, bobs } = team.articleImages
    const draft = `/teams/${team.id}/articles/${team.articles.bobs}/drafts/en`
    await api(bob, 'PUT', draft, { title: 'x', content: `![a](images/${bobs}.png)`, version: 1 })
    await api(bob, 'PUT', draft, { title: 'x', content: 'No picture', version: 2 })
    await sweep()
    expect((await readState(team)).objects).toEqual((await readState(team)).rows)
    expect((await readState(team)).rows).toContain(bobs)
    await database()`update private.article_images set unused_since = unused_since - interval '25 hours' where team_id = ${team.id}`
    await sweep()
    expect((await readState(team)).objects).toEqual((await readState(team)).rows)
    expect((await readState(team)).rows).not.toContain(bobs)
    expect((await readState(team)).rows).toContain(printer)
  })

  test('keeps an upload that is being received, until an hour has passed', async () => {
    const team = await newTeam()
    const id = await upload(team)
    await database()`update uploads set state = 'receiving' where id = ${id}`
    await sweep()
    expect((await readState(team)).rows).toContain(id)
    await database()`update uploads set created_at = now() - interval '61 minutes' where id = ${id}`
    await sweep()
    expect((await readState(team)).rows).not.toContain(id)
  })
})

test('a server that is killed during uploads leaves neither orphans nor dangling rows after one sweep', async () => {
  const team = await newTeam()
  const { baseUrl, stop } = await startSecondServer()
  const headers = { authorization: `Bearer ${await signIn(bob)}` }
  const content = randomBytes(8_000_000)
  const uploads = Array.from({ length: 8 }, () =>
    fetch(`${baseUrl}/api/teams/${team.id}/uploads`, { method: 'POST', headers, body: formOf(content) }).catch(() => undefined)
  )
  // Kills as soon as a row exists whose object may not.
  while ((await database()`select 1 from uploads where team_id = ${team.id} and state = 'receiving'`).length === 0)
    await new Promise(resolve => setImmediate(resolve))
  await stop('SIGKILL')
  await Promise.all(uploads)
  await database()`update uploads set created_at = now() - interval '61 minutes' where team_id = ${team.id} and state = 'receiving'`
  await sweep()
  const { objects, rows } = await readState(team)
  expect(objects).toEqual(rows)
  expect(rows).toEqual(expect.arrayContaining([team.attachment, team.upload]))
}, 60_000)
