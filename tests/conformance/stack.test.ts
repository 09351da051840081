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
import { copyTemplate } from '../../supabase/embedded/template.ts'
import { freePorts, isListening, listeningAddresses, processesIn, Product, type Ports } from './support/product.ts'

const recoveryMs = 60_000 // a timeout for hangs; on an idle machine a recovery takes 2 s
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
}, 120_000)

describe('npm start', () => {
  test('npm start prints the URLs of the app and the inbox, and no demo accounts', () => {
    expect(product.output).toContain(`http://localhost:${ports.PORT}\n`)
    expect(product.output).toContain(`http://localhost:${ports.SUPABASE_PORT}/inbox\n`)
    expect(product.output).not.toContain('acme.test')
  })

  test('npm start serves the app, the inbox and the auth API, and no Data API', async () => {
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
    ['a request to 127.0.0.1', {}, 200],
    ['a request to localhost on another port, as through a tunnel', { host: 'localhost:9000' }, 200],
    ['a request to a foreign host name', { host: 'rebound.evil.test' }, 403],
    ['a request to a host name that begins with localhost', { host: 'localhost.evil.test' }, 403],
    ['a request with X-Forwarded-For', { 'x-forwarded-for': '203.0.113.5' }, 403],
    ['a request with X-Forwarded-Host', { 'x-forwarded-host': 'desk.example.com' }, 403],
    ['a request with Forwarded (RFC 7239)', { forwarded: 'for=203.0.113.5' }, 403],
    ['a request with X-Real-IP, as nginx sends it', { 'x-real-ip': '127.0.0.1' }, 403],
    ['a request with Via, as a cache sends it', { via: '1.1 cache' }, 403]
  ])('the inbox answers %s (headers %j) with status %i', async (_, headers, status) => {
    const { request } = await import('node:http')
    for (const path of ['/inbox', '/inbox/api/messages']) {
      const call = request({ host: '127.0.0.1', port: ports.SUPABASE_PORT, path, headers }).end()
      const [response] = await once(call, 'response')
      expect(response.statusCode, path).toBe(status)
      response.resume()
    }
  })

  test('npm start stores its secrets in files that only their owner can read', async () => {
    for (const name of ['secrets.json', 'supabase.env']) expect((await stat(join(dataDir, name))).mode & 0o777).toBe(0o600)
    expect((await stat(dataDir)).mode & 0o066).toBe(0)
    const env = await product.readEnvironment()
    expect(env.SUPABASE_KEY).toMatch(/^sb_publishable_\S{20,}$/)
    expect(env.SUPABASE_SECRET_KEY).toMatch(/^sb_secret_\S{20,}$/)
    expect(env.DATABASE_URL).toContain(`postgresql://postgres:`)
  })

  test('npm start listens on 127.0.0.1 only', async () => {
    for (const port of Object.values(ports)) expect(await listeningAddresses(port)).toEqual(['0100007F'])
  })

  test('npm start sets up Postgres as on hosted: postgres is no superuser, WAL is logical, checksums are on', async () => {
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

  test('a second npm start on the same data directory is refused, and the first keeps running', async () => {
    const second = new Product(dataDir, await freePorts())
    expect((await second.waitForExit()).code).toBe(1)
    expect(second.output.trim()).toBe(
      `Switchboard is running on ${dataDir} already (process ${product.process.pid}). Stop that one, or set DATA_DIR to another directory.`
    )
    expect(await query(sql => sql`select 1 as one`)).toHaveLength(1)
  })

  test.each(['PORT', 'SUPABASE_PORT', 'POSTGRES_PORT'] as const)(
    'npm start names the variable %s when its port is taken',
    async variable => {
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
    }
  )

  test.each([
    [{ PORT: 'x' }, 'PORT must be a port number between 1 and 65535, not "x".'],
    [
      { SUPABASE_URL: 'https://x.supabase.co' },
      'SUPABASE_URL is set, so SUPABASE_KEY, SUPABASE_SECRET_KEY and DATABASE_URL are needed too (or none of them, for the embedded Supabase).'
    ]
  ])('npm start explains the invalid setting %o in one line', async (env, message) => {
    const start = new Product(await newDirectory(), await freePorts(), { env: env as Record<string, string> })
    expect((await start.waitForExit()).code).toBe(1)
    expect(start.output.trim()).toBe(message)
  })

  test('each install has its own secrets and refuses tokens that are signed with another secret', async () => {
    const [other, otherPorts] = [await newDirectory(), await freePorts()]
    await copyTemplate('migrated', other) // an install with its secrets, as another first start makes it
    const second = new Product(other, otherPorts)
    await second.waitUntilReady()
    const [firstEnv, secondEnv] = [await product.readEnvironment(), await second.readEnvironment()]
    for (const name of ['SUPABASE_KEY', 'SUPABASE_SECRET_KEY', 'SUPABASE_JWT_SECRET']) expect(secondEnv[name]).not.toBe(firstEnv[name])
    expect(new URL(secondEnv.DATABASE_URL!).password).not.toBe(new URL(firstEnv.DATABASE_URL!).password)
    for (const secret of [secondEnv.SUPABASE_JWT_SECRET!, 'super-secret-jwt-token-with-at-least-32-characters-long']) {
      const token = await new SignJWT({ role: 'service_role', sub: crypto.randomUUID() })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode(secret))
      const response = await fetch(`${firstEnv.SUPABASE_URL}/auth/v1/user`, {
        headers: { apikey: firstEnv.SUPABASE_KEY!, authorization: `Bearer ${token}` }
      })
      expect(response.status).toBe(403)
    }
    expect((await second.stop()).code).toBe(0)
  })
})

describe('npm start after kill -9', () => {
  test('the supervisor restarts a killed web server', async () => {
    const server = await product.findServerPid()
    process.kill(server, 'SIGKILL')
    expect(await product.waitUntilServing(server)).toBeLessThan(recoveryMs)
    expect(product.output).toContain('The server ended unexpectedly (SIGKILL)')
  })

  test('the supervisor restarts a killed Postgres with all committed rows', async () => {
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

  test.each(['the supervisor', 'the supervisor and Postgres'])('the next npm start recovers after a kill of %s', async killed => {
    const [supervisor, postmaster] = [product.process.pid!, await product.readPostmasterPid()]
    process.kill(supervisor, 'SIGKILL')
    if (killed === 'the supervisor and Postgres') process.kill(postmaster, 'SIGKILL')
    product = new Product(dataDir, ports)
    expect(await product.waitUntilReady()).toBeLessThan(recoveryMs)
    expect(product.output).toContain('The last run was killed; recovering')
    expect(await product.readPostmasterPid()).not.toBe(postmaster)
    expect(await query(sql => sql`select name from public.survivors`)).toHaveLength(1)
  })
})

describe('a stop of npm start', () => {
  test.each([150, 400, 700, 1000])('a stop %d ms into a first npm start leaves no process and no open port', async delay => {
    const [directory, startPorts] = [await newDirectory(), await freePorts()]
    const start = new Product(directory, startPorts)
    await sleep(delay)
    await start.stop()
    expect(await processesIn(directory)).toEqual([])
    for (const [name, port] of Object.entries(startPorts)) expect(await isListening(port), `${name} ${port}`).toBe(false)
  })

  test.each(['SIGTERM', 'SIGINT'] as const)('%s stops npm start within five seconds and leaves no lock, port or Postgres', async signal => {
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
