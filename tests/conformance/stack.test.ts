import { mkdtemp, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:http'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@supabase/supabase-js'
import { SignJWT } from 'jose'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureBuild } from '../../scripts/build.ts'
import { freePorts, isListening, listeningAddresses, processesIn, Product, type Ports } from './support/product.ts'

const recoveryMs = 30_000 // ends what hangs; on a quiet machine it takes 2 s
const directories: string[] = []
let dataDir: string
let ports: Ports
let product: Product

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'switchboard-start-'))
  directories.push(directory)
  return directory
}

async function query<T>(work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres((await product.readEnvironment()).DATABASE_URL!, { max: 1, onnotice: () => {}, connect_timeout: 5 })
  try {
    return await work(sql)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

beforeAll(async () => {
  dataDir = await newDirectory()
  ports = await freePorts()
  await ensureBuild({ log: () => {}, logFile: join(dataDir, 'build.log') })
  product = new Product(dataDir, ports)
  await product.waitUntilReady()
}, 180_000)

afterAll(async () => {
  await product.stop('SIGKILL').catch(() => undefined)
  product = new Product(dataDir, ports)
  await product.waitUntilReady()
  await product.stop()
  for (const directory of directories) await rm(directory, { recursive: true, force: true })
}, 60_000)

describe('a start', () => {
  test('says where everything is, and nothing of a demo world', () => {
    expect(product.output).toContain(`http://localhost:${ports.PORT}\n`)
    expect(product.output).toContain(`http://localhost:${ports.SUPABASE_PORT}/inbox\n`)
    expect(product.output).not.toContain('acme.test')
  })

  test('serves the product, the inbox and the auth API', async () => {
    const env = await product.readEnvironment()
    expect((await fetch(`http://127.0.0.1:${ports.PORT}/`)).status).toBeLessThan(500)
    expect(await (await fetch(`http://localhost:${ports.SUPABASE_PORT}/inbox`)).text()).toContain('Inbox')
    expect(
      (await createClient(env.SUPABASE_URL!, env.SUPABASE_KEY!).auth.signInWithPassword({ email: 'nobody@acme.test', password: 'x' })).error
        ?.code
    ).toBe('invalid_credentials')
    expect((await fetch(`${env.SUPABASE_URL}/rest/v1/teams`, { headers: { apikey: env.SUPABASE_KEY! } })).status).toBe(404)
  })

  test.each([
    ['under the names of this machine', {}, 200],
    ['under its name behind a tunnel', { host: 'localhost:9000' }, 200],
    ['under a foreign name', { host: 'rebound.evil.test' }, 403],
    ["under a name that begins like this machine's", { host: 'localhost.evil.test' }, 403],
    ['through a proxy on this machine', { 'x-forwarded-for': '203.0.113.5' }, 403],
    ['through a proxy that says whom it serves', { 'x-forwarded-host': 'desk.example.com' }, 403],
    ['through a proxy that says so by RFC 7239', { forwarded: 'for=203.0.113.5' }, 403],
    ["through a proxy of nginx's habits", { 'x-real-ip': '127.0.0.1' }, 403],
    ['through a cache', { via: '1.1 cache' }, 403]
  ])('shows the inbox, or not: %s', async (_, headers, status) => {
    const { request } = await import('node:http')
    for (const path of ['/inbox', '/inbox/api/messages']) {
      const call = request({ host: '127.0.0.1', port: ports.SUPABASE_PORT, path, headers }).end()
      const [response] = await once(call, 'response')
      expect(response.statusCode, path).toBe(status)
      response.resume()
    }
  })

  test('keeps its secrets in files that only their owner reads', async () => {
    for (const name of ['secrets.json', 'supabase.env']) expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600)
    expect((await stat(dataDir)).mode & 0o066).toBe(0)
    const env = await product.readEnvironment()
    expect(env.SUPABASE_KEY).toMatch(/^sb_publishable_\S{20,}$/)
    expect(env.SUPABASE_SECRET_KEY).toMatch(/^sb_secret_\S{20,}$/)
    expect(env.DATABASE_URL).toContain(`postgresql://postgres:`)
  })

  test('listens on loopback only', async () => {
    for (const port of Object.values(ports)) expect(await listeningAddresses(port)).toEqual(['0100007F'])
  })

  test('prepares the database as hosted is: postgres is no superuser, and API roles hold nothing in public', async () => {
    const [role] = await query(
      sql => sql`select rolsuper, rolcreaterole, rolcreatedb, rolbypassrls, rolreplication from pg_roles where rolname = current_user`
    )
    expect(role).toEqual({ rolsuper: false, rolcreaterole: true, rolcreatedb: true, rolbypassrls: true, rolreplication: true })
    const [settings] = await query(
      sql =>
        sql`select current_setting('wal_level') as wal, current_setting('fsync') as fsync, current_setting('data_checksums') as checksums, current_setting('timezone') as zone, current_setting('max_slot_wal_keep_size') as slots`
    )
    expect(settings).toEqual({ wal: 'logical', fsync: 'on', checksums: 'on', zone: 'UTC', slots: '1GB' })
  })

  test('refuses a second one on the same directory, and the first goes on', async () => {
    const second = new Product(dataDir, await freePorts())
    expect((await second.waitForExit()).code).toBe(1)
    expect(second.output.trim()).toBe(
      `Switchboard is running on ${dataDir} already (process ${product.process.pid}). Stop that one, or set DATA_DIR to another directory.`
    )
    expect(await query(sql => sql`select 1 as one`)).toHaveLength(1)
  })

  test.each(['PORT', 'SUPABASE_PORT', 'POSTGRES_PORT'] as const)('names the variable of a taken port: %s', async variable => {
    const blocker = createServer().listen(0, '127.0.0.1')
    await once(blocker, 'listening')
    const port = (blocker.address() as { port: number }).port
    const directory = await newDirectory()
    const start = new Product(directory, { ...(await freePorts()), [variable]: port })
    expect((await start.waitForExit()).code).toBe(1)
    expect(start.output.trim()).toBe(
      `Port ${port} is in use by another program. Set ${variable} to a free one, for example: ${variable}=${port + 10} npm start`
    )
    blocker.close()
  })

  test.each([
    [{ PORT: 'x' }, 'PORT must be a port number between 1 and 65535, not "x".'],
    [
      { SUPABASE_URL: 'https://x.supabase.co' },
      'SUPABASE_URL is set, so SUPABASE_KEY, SUPABASE_SECRET_KEY and DATABASE_URL are needed too (or none of them, for the embedded Supabase).'
    ]
  ])('explains a wrong setting in one line: %o', async (env, message) => {
    const start = new Product(await newDirectory(), await freePorts(), { env: env as Record<string, string> })
    expect((await start.waitForExit()).code).toBe(1)
    expect(start.output.trim()).toBe(message)
  })

  test('has secrets of its own, and knows no tokens signed with another secret', async () => {
    const [other, otherPorts] = [await newDirectory(), await freePorts()]
    const second = new Product(other, otherPorts)
    await second.waitUntilReady()
    const [mine, its] = [await product.readEnvironment(), await second.readEnvironment()]
    for (const name of ['SUPABASE_KEY', 'SUPABASE_SECRET_KEY', 'SUPABASE_JWT_SECRET']) expect(its[name]).not.toBe(mine[name])
    expect(new URL(its.DATABASE_URL!).password).not.toBe(new URL(mine.DATABASE_URL!).password)
    for (const secret of [its.SUPABASE_JWT_SECRET!, 'super-secret-jwt-token-with-at-least-32-characters-long']) {
      const token = await new SignJWT({ role: 'service_role', sub: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(secret))
      const response = await fetch(`${mine.SUPABASE_URL}/auth/v1/user`, {
        headers: { apikey: mine.SUPABASE_KEY!, authorization: `Bearer ${token}` }
      })
      expect(response.status).toBe(403)
    }
    expect((await second.stop()).code).toBe(0)
  })
})

describe('after kill -9', () => {
  test('of the server, the supervisor starts it again', async () => {
    const server = await product.findServerPid()
    process.kill(server, 'SIGKILL')
    expect(await product.waitUntilServing(server)).toBeLessThan(recoveryMs)
    expect(product.output).toContain('The server ended unexpectedly (SIGKILL)')
  })

  test('of Postgres, it runs again with everything that was committed', async () => {
    await query(sql => sql`create table public.survivors (name text)`)
    await query(sql => sql`insert into public.survivors values ('before')`)
    process.kill(await product.readPostmasterPid(), 'SIGKILL')
    const start = performance.now()
    await expect
      .poll(
        () =>
          query(sql => sql`select name from public.survivors`).then(
            rows => rows.length,
            () => 0
          ),
        { timeout: recoveryMs, interval: 50 }
      )
      .toBe(1)
    expect(performance.now() - start).toBeLessThan(recoveryMs)
    await expect
      .poll(
        async () =>
          (
            await fetch(`http://127.0.0.1:${ports.SUPABASE_PORT}/auth/v1/recover`, {
              method: 'POST',
              headers: { 'apikey': (await product.readEnvironment()).SUPABASE_KEY!, 'content-type': 'application/json' },
              body: '{"email":"nobody@acme.test"}'
            })
          ).status,
        { timeout: recoveryMs }
      )
      .toBe(200)
  })

  test.each(['the supervisor', 'everything'])('of %s, the next start recovers', async scope => {
    const [supervisor, postmaster] = [product.process.pid!, await product.readPostmasterPid()]
    process.kill(supervisor, 'SIGKILL')
    if (scope === 'everything') process.kill(postmaster, 'SIGKILL')
    product = new Product(dataDir, ports)
    expect(await product.waitUntilReady()).toBeLessThan(recoveryMs)
    expect(product.output).toContain('The last run was killed; recovering')
    expect(await product.readPostmasterPid()).not.toBe(postmaster)
    expect(await query(sql => sql`select name from public.survivors`)).toHaveLength(1)
  })
})

describe('a stop', () => {
  test.each([150, 400, 700, 1000])('%d ms into a first start leaves nothing behind', async delay => {
    const [directory, itsPorts] = [await newDirectory(), await freePorts()]
    const start = new Product(directory, itsPorts)
    await sleep(delay)
    await start.stop()
    for (const port of Object.values(itsPorts)) expect(await isListening(port)).toBe(false)
    expect(await processesIn(directory)).toEqual([])
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('by %s ends within five seconds, with nothing left behind', async signal => {
    const stopped = await product.stop(signal)
    expect(stopped.code).toBe(0)
    expect(stopped.milliseconds).toBeLessThan(5_000)
    for (const port of Object.values(ports)) expect(await isListening(port)).toBe(false)
    await expect(stat(join(dataDir, 'lock'))).rejects.toThrow('ENOENT')
    await expect(product.readPostmasterPid()).rejects.toThrow('ENOENT')
    product = new Product(dataDir, ports)
    expect(await product.waitUntilReady()).toBeLessThan(recoveryMs)
  })
})
