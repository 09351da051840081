// Kills the server (SIGKILL) while agents upload files through the API and clients send forms with files in the portal, and counts what is
// left after one sweep. Goal: no object without a row, and no row without an object. Run: node bench/upload-kills.ts [kills, 20]
import { fork } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import { loadModule } from '../scripts/server-modules.ts'
import { freePort, type Stack } from '../supabase/embedded/stack.ts'
import { widenBudgets } from '../tests/support/budgets.ts'
import { startProduct } from '../tests/support/product.ts'
import { acme, ann, createWorld } from '../tests/support/world.ts'

const kills = Number(process.argv[2] ?? 20)
const perKind = 6
const longestDelayMs = 1_500
const say = (line: string) => process.stdout.write(`${line}\n`)
const sha256 = (text: string) => createHash('sha256').update(text).digest()
const content = randomBytes(3_000_000)

const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-kills-'))
const child = fork(new URL('../tests/support/stack.ts', import.meta.url), [dataDir, 'http://127.0.0.1'], { execArgv: [] })
try {
  const [{ env }] = (await once(child, 'message')) as [Pick<Stack, 'env'>]
  const sql = postgres(env.DATABASE_URL, { max: 1, onnotice: () => {} })
  await createWorld(sql)
  await widenBudgets(sql)
  const secrets = await createCallers(sql)
  const answers = { api: [0, 0], portal: [0, 0] } // answered, and cut off
  for (let kill = 0; kill < kills; kill++) {
    const port = await freePort()
    const siteUrl = `http://127.0.0.1:${port}`
    const stop = await startProduct({ port, siteUrl, env, serverLog: join(dataDir, 'server.log') })
    const sending = Array.from({ length: perKind }, (_, index) => [
      count(answers.api, uploadToApi(siteUrl, secrets.key)),
      count(answers.portal, sendForm(siteUrl, secrets.session, `Reply ${kill}.${index}`))
    ]).flat()
    while ((await sql`select from uploads where state = 'receiving'`).length === 0) await sleep(2)
    await sleep(Math.random() * longestDelayMs)
    await stop('SIGKILL')
    await Promise.all(sending)
    // What is receiving stays for an hour, because another server may still be at work.
    await sql`update uploads set created_at = now() - interval '61 minutes' where state = 'receiving'`
  }
  say(`${''.padEnd(24)}${['answered', 'cut off'].map(name => name.padStart(12)).join('')}`)
  for (const [name, counts] of Object.entries(answers)) say(name.padEnd(24) + counts.map(value => String(value).padStart(12)).join(''))

  say(`\n${''.padEnd(24)}${['objects', 'rows', 'orphans', 'dangling'].map(name => name.padStart(12)).join('')}`)
  const show = (name: string, state: State) =>
    say(name.padEnd(24) + [state.objects, state.rows, state.orphans, state.dangling].map(value => String(value).padStart(12)).join(''))
  show(`after ${kills} kills`, await readState(sql))
  await sweep(env)
  const after = await readState(sql)
  show('after one sweep', after)
  await sql.end()
  process.exitCode = after.orphans + after.dangling === 0 ? 0 : 1
} finally {
  const ended = once(child, 'exit')
  child.disconnect()
  await ended
  await rm(dataDir, { recursive: true, force: true })
}

interface State {
  objects: number
  rows: number
  /** Objects that no row needs. */
  orphans: number
  /** Rows whose object does not exist. */
  dangling: number
}

async function readState(sql: postgres.Sql): Promise<State> {
  const [state] = await sql<[State]>`
    with object as (select split_part(name, '/', 2) as id from storage.objects where bucket_id = 'attachments'),
    file as (
      select id::text from uploads where state <> 'infected'
      union all select id::text from ticket_attachments where removed_at is null and state <> 'infected'
    )
    select (select count(*)::int from object) as objects, (select count(*)::int from file) as rows,
      (select count(*)::int from object where id not in (select id from file)) as orphans,
      (select count(*)::int from file where id not in (select id from object)) as dangling`
  return state
}

async function sweep(env: Stack['env']): Promise<void> {
  const { configureDatabase, closePool } = await loadModule('server/db/pool')
  const { configureStorage } = await loadModule('server/adapters/storage')
  const { sweepUploads } = await loadModule('server/jobs/sweep-uploads')
  configureDatabase(env.DATABASE_URL, 2)
  configureStorage({ url: env.SUPABASE_URL, secretKey: env.SUPABASE_SECRET_KEY })
  await sweepUploads(new AbortController().signal)
  await closePool()
}

/** An API key of Ann, and the cookie of a client who has opened the link to ticket #001. */
async function createCallers(sql: postgres.Sql): Promise<{ key: string; session: string }> {
  const key = `sk_${randomBytes(32).toString('base64url')}`
  const session = randomBytes(32).toString('base64url')
  await sql`insert into api_keys ${sql({
    team_id: acme.id,
    user_id: ann.id,
    name: 'Bench',
    prefix: key.slice(0, 11),
    key_hash: sha256(key),
    scopes: ['read', 'write']
  })}`
  await sql`update tickets set contact_id = ${acme.contacts.carla} where id = ${acme.tickets.bobs}`
  await sql`
    insert into private.ticket_sessions (token_hash, team_id, ticket_id, contact_id)
    values (${sha256(session)}, ${acme.id}, ${acme.tickets.bobs}, ${acme.contacts.carla})`
  // The world has files that were never stored.
  await sql`delete from uploads`
  await sql`delete from ticket_attachments`
  return { key, session }
}

function uploadToApi(siteUrl: string, key: string): Promise<Response> {
  const body = new FormData()
  body.append('file', new Blob([content]), 'a.bin')
  return fetch(`${siteUrl}/api/teams/${acme.id}/uploads`, { method: 'POST', headers: { 'x-api-key': key }, body })
}

function sendForm(siteUrl: string, session: string, text: string): Promise<Response> {
  const body = new FormData()
  body.append('intent', 'reply')
  body.append('content', text)
  for (const name of ['one.bin', 'two.bin']) body.append('file', new Blob([content, text, name]), name)
  const headers = { origin: siteUrl, cookie: `sb-switchboard-ticket=${session}` }
  return fetch(`${siteUrl}/portal/acme/1`, { method: 'POST', headers, body, redirect: 'manual' })
}

/** Counts a request as answered or cut off. Throws for an answer that refuses it. */
async function count(counts: number[], request: Promise<Response>): Promise<void> {
  const status = await request.then(
    response => response.status,
    () => 0 // the server was killed
  )
  if (status !== 0 && status !== 201 && status !== 303) throw new Error(`An upload was answered with ${status}`)
  counts[status === 0 ? 1 : 0]!++
}
