import { fork, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import postgres from 'postgres'
import type { TestProject } from 'vitest/node'
import { ensureBuild } from '../../scripts/build.ts'
import { serverEnvironment } from '../../scripts/serve/settings.ts'
import { projectRoot } from '../../supabase/embedded/cli.ts'
import { freePort, type Stack, type StackEnv } from '../../supabase/embedded/stack.ts'
import { widenBudgets } from './budgets.ts'
import type { Product } from './own-product.ts'
import { createWorld } from './world.ts'

/** Starts the product as `npm start` does, once for each worker, with its own ports, data directory and world. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const cleanups: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
  try {
    const buildLog = join(tmpdir(), `switchboard-build-${process.pid}.log`)
    cleanups.push(() => rm(buildLog, { force: true }))
    // TEST_OUTPUT names a finished build to test instead.
    if (!process.env.TEST_OUTPUT) await ensureBuild({ log: line => console.info(line), logFile: buildLog })
    const products: Product[] = []
    for (let worker = 0; worker < project.config.maxWorkers; worker++) products.push(await startWithWorld(cleanups))
    project.provide('products', products)
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

async function startWithWorld(cleanups: (() => Promise<void>)[]): Promise<Product> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-api-'))
  cleanups.push(() => rm(dataDir, { recursive: true, force: true }))
  const port = await freePort()
  const siteUrl = `http://127.0.0.1:${port}`
  const receiverPorts = [await freePort(), await freePort(), await freePort(), await freePort()]
  const { env, inboxUrl } = await startSupabase(dataDir, siteUrl, cleanups)
  const sql = postgres(env.DATABASE_URL, { max: 1, onnotice: () => {} })
  await createWorld(sql)
  await widenBudgets(sql)
  await sql`truncate private.event_outbox` // no notifications about the world itself
  await sql.end()
  const serverLog = join(dataDir, 'server.log')
  cleanups.push(await startProduct({ port, siteUrl, env, serverLog, receiverPorts }))
  return {
    baseUrl: siteUrl,
    supabaseUrl: env.SUPABASE_URL,
    publishableKey: env.SUPABASE_KEY,
    secretKey: env.SUPABASE_SECRET_KEY,
    jwtSecret: env.SUPABASE_JWT_SECRET,
    databaseUrl: env.DATABASE_URL,
    inboxUrl,
    serverLog,
    receiverPorts
  }
}

/** Starts the embedded Supabase with all migrations. */
async function startSupabase(
  dataDir: string,
  siteUrl: string,
  cleanups: (() => Promise<void>)[]
): Promise<Pick<Stack, 'env' | 'inboxUrl'>> {
  const child = fork(new URL('./stack.ts', import.meta.url), [dataDir, siteUrl], { execArgv: [] })
  const ended = once(child, 'exit')
  cleanups.push(async () => {
    if (child.connected) child.disconnect()
    await ended
  })
  return Promise.race([
    once(child, 'message').then(([stack]) => stack as Pick<Stack, 'env' | 'inboxUrl'>),
    ended.then(([code]) => Promise.reject(new Error(`The embedded Supabase ended with ${code}`)))
  ])
}

/** Starts the built server on a running Supabase. Returns a function that stops it. */
export async function startProduct({
  port,
  siteUrl,
  env,
  serverLog,
  receiverPorts = [],
  scanner = { host: '', port: 3310 }
}: {
  port: number
  siteUrl: string
  env: StackEnv
  serverLog: string
  receiverPorts?: number[]
  scanner?: { host: string; port: number }
}): Promise<(signal?: NodeJS.Signals) => Promise<void>> {
  const settings = {
    mode: 'start',
    host: '127.0.0.1',
    port,
    supabasePort: 0,
    postgresPort: 0,
    dataDir: '',
    siteUrl,
    smtpUrl: '',
    mailFrom: '',
    demoPassword: '',
    rateLimitFactor: 20,
    trustedProxies: '127.0.0.66',
    clamavHost: scanner.host,
    clamavPort: scanner.port,
    uploadsDir: '',
    webhookAllowPrivate: receiverPorts.map(port => `127.0.0.1:${port}`).join(),
    webhookRetryScale: 0.01,
    hosted: null
  } as const
  const server = join(process.env.TEST_OUTPUT ?? join(projectRoot, '.output'), 'server', 'index.mjs')
  const child = spawn(process.execPath, ['--import', join(projectRoot, 'scripts', 'serve', 'die-with-parent.mjs'), server], {
    cwd: projectRoot,
    env: { ...serverEnvironment(settings, env), NODE_ENV: 'production' },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc']
  })
  const log = createWriteStream(serverLog)
  child.stdout!.pipe(log)
  child.stderr!.pipe(log)
  const ended = once(child, 'exit')
  const stop = async (signal: NodeJS.Signals = 'SIGTERM') => {
    child.kill(signal)
    await ended
  }
  const deadline = Date.now() + 30_000
  while (
    (await fetch(`${siteUrl}/readyz`).then(
      response => response.status,
      () => 0
    )) !== 200
  ) {
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}`)
    if (Date.now() > deadline) {
      await stop()
      throw new Error('The server is not ready after 30 seconds')
    }
    await sleep(50)
  }
  return stop
}
