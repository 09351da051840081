// Compares requests with a session and with an API key, on a throw-away database with the built server (npm run build):
// node bench/api-keys.ts. Alternates the first page of 1,000 tickets by a session, by a key and by /api/v1, and a POST without
// and with an Idempotency-Key.
import { spawn } from 'node:child_process'
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { SignJWT } from 'jose'
import postgres from 'postgres'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { freePort } from '../supabase/embedded/postgres.ts'
import { withScratchDatabase } from '../supabase/embedded/scratch.ts'

const turns = 10
const requests = 80 // of each kind in a turn, below the burst limit of a key
const secret = 'a secret of this run alone, 32 bytes long'
const owner = '11111111-0000-4000-8000-000000000001'
const say = (line: string) => process.stdout.write(`${line}\n`)
const quantile = (values: number[], part: number) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))]!

await withScratchDatabase(async ({ postgresUrl }) => {
  const sql = postgres(postgresUrl, { max: 2, onnotice: () => {} })
  await sql`insert into auth.users (id, email, raw_user_meta_data) values (${owner}, 'owner@bench.test', ${sql.json({ full_name: 'Owner' })})`
  const [{ id: team }] = await sql<[{ id: string }]>`insert into public.teams (name, slug) values ('Bench', 'bench') returning id`
  await sql`insert into public.team_members (team_id, user_id, role) values (${team}, ${owner}, 'owner')`
  await sql`insert into public.tickets (team_id, subject, description, created_by) select ${team}, 'Ticket ' || n, 'What happened', ${owner} from generate_series(1, 1000) as n`
  await sql`delete from private.event_outbox`
  await sql`analyze`
  const newKey = async () => {
    const key = `sk_${randomBytes(32).toString('base64url')}`
    await sql`insert into public.api_keys ${sql({ team_id: team, user_id: owner, name: 'Bench', prefix: key.slice(0, 11), key_hash: createHash('sha256').update(key).digest(), scopes: ['read', 'write'], created_by: owner })}`
    return key
  }
  const [{ id: session }] = await sql<
    [{ id: string }]
  >`insert into auth.sessions (id, user_id) values (gen_random_uuid(), ${owner}) returning id`
  const token = await new SignJWT({ role: 'authenticated', session_id: session })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(owner)
    .setAudience('authenticated')
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret))

  const port = await freePort()
  const server = spawn(process.execPath, [join(projectRoot, '.output', 'server', 'index.mjs')], {
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...process.env,
      NODE_ENV: 'production',
      NITRO_JOBS: 'off',
      HOST: '127.0.0.1',
      NITRO_HOST: '127.0.0.1',
      PORT: String(port),
      NITRO_PORT: String(port),
      NUXT_DATABASE_URL: postgresUrl,
      NUXT_JWT_SECRET: secret,
      NUXT_PUBLIC_SUPABASE_URL: 'http://127.0.0.1:9',
      NUXT_PUBLIC_SUPABASE_KEY: 'none'
    }
  })
  const ended = once(server, 'exit')
  const base = `http://127.0.0.1:${port}/api`
  const timeRequest = async (path: string, headers: Record<string, string>, body?: unknown) => {
    const started = performance.now()
    const response = await fetch(
      `${base}${path}`,
      body === undefined
        ? { headers }
        : { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
    )
    const text = await response.text()
    if (!response.ok) throw new Error(`${response.status}: ${text}`)
    return performance.now() - started
  }
  try {
    while (
      (await fetch(`http://127.0.0.1:${port}/readyz`).then(
        response => response.status,
        () => 0
      )) !== 200
    )
      await sleep(50)
    const session = { authorization: `Bearer ${token}` }
    const ticket = { subject: 'Ticket', description: 'What happened' }
    const times: Record<string, number[]> = {}
    const measure = async (name: string, one: () => Promise<number>) => {
      for (let n = 0; n < requests; n++) (times[name] ??= []).push(await one())
    }
    for (let turn = 0; turn <= turns; turn++) {
      const [key, v1Key] = [{ 'x-api-key': await newKey() }, { 'x-api-key': await newKey() }]
      await measure('GET tickets by a session', () => timeRequest(`/teams/${team}/tickets?page=1`, session))
      await measure('GET tickets by a key', () => timeRequest(`/teams/${team}/tickets?page=1`, key))
      await measure('GET /api/v1/tickets by a key', () => timeRequest('/v1/tickets?page=1', v1Key))
      await measure('POST tickets', () => timeRequest(`/teams/${team}/tickets`, session, ticket))
      await measure('POST tickets with an Idempotency-Key', () =>
        timeRequest(`/teams/${team}/tickets`, { ...session, 'idempotency-key': randomUUID() }, ticket)
      )
      if (turn === 0) for (const values of Object.values(times)) values.length = 0 // drop the warm-up
    }
    for (const [name, values] of Object.entries(times))
      say(`${name}: p50 ${quantile(values, 0.5).toFixed(2)} ms, p95 ${quantile(values, 0.95).toFixed(2)} ms (${values.length})`)
  } finally {
    server.kill('SIGTERM')
    await ended
    await sql.end()
  }
})
