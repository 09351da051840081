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
import { createWorld } from './world.ts'

declare module 'vitest' {
  interface ProvidedContext {
    product: Product
  }
}

export interface Product {
  baseUrl: string
  supabaseUrl: string
  publishableKey: string
  secretKey: string
  jwtSecret: string
  databaseUrl: string
  inboxUrl: string
  /** Ports on 127.0.0.1 that webhooks may call, free for a test's receivers; other ports there are private. */
  receiverPorts: number[]
  /** What the server wrote to its output. */
  serverLog: string
}

/** The product as `npm start` runs it, on ports and a directory of its own, with the world in it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-api-'))
  const cleanups: (() => Promise<void>)[] = [() => rm(dataDir, { recursive: true, force: true })]
  const stop = async () => {
    for (const cleanup of cleanups.reverse()) await cleanup()
  }
  try {
    const port = await freePort()
    const siteUrl = `http://127.0.0.1:${port}`
    const receiverPorts = [await freePort(), await freePort(), await freePort(), await freePort()]
    const [stack] = await Promise.all([
      startSupabase(dataDir, siteUrl, cleanups),
      // TEST_OUTPUT names a finished build to test instead.
      process.env.TEST_OUTPUT ? undefined : ensureBuild({ log: line => console.info(line), logFile: join(dataDir, 'build.log') })
    ])
    const sql = postgres(stack.env.DATABASE_URL, { max: 1, onnotice: () => {} })
    await createWorld(sql)
    await widenBudgets(sql)
    await sql`truncate private.event_outbox` // nobody is notified of how the world came to be
    await sql.end()
    const serverLog = join(dataDir, 'server.log')
    cleanups.push(await startProduct({ port, siteUrl, env: stack.env, serverLog, receiverPorts }))
    project.provide('product', {
      baseUrl: siteUrl,
      supabaseUrl: stack.env.SUPABASE_URL,
      publishableKey: stack.env.SUPABASE_KEY,
      secretKey: stack.env.SUPABASE_SECRET_KEY,
      jwtSecret: stack.env.SUPABASE_JWT_SECRET,
      databaseUrl: stack.env.DATABASE_URL,
      inboxUrl: stack.inboxUrl,
      serverLog,
      receiverPorts
    })
    return stop
  } catch (error) {
    await stop()
    throw error
  }
}

/** The embedded Supabase with every migration. */
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

/** The built server alone, on a Supabase that runs. Answers what stops it. */
export async function startProduct({
  port,
  siteUrl,
  env,
  serverLog,
  receiverPorts = []
}: {
  port: number
  siteUrl: string
  env: StackEnv
  serverLog: string
  receiverPorts?: number[]
}): Promise<() => Promise<void>> {
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
  const stop = async () => {
    child.kill('SIGTERM')
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
