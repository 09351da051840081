import { join } from 'node:path'
import { projectRoot } from '../supabase/embedded/cli.ts'
import { applyMigrations } from '../supabase/embedded/migrate.ts'
import { stopOrphanedPostgres } from '../supabase/embedded/postgres-orphans.ts'
import { startStack, type Stack } from '../supabase/embedded/stack.ts'
import { ensureBuild } from './build.ts'
import { surviveClosedOutput } from './output.ts'
import { takeLock } from './serve/lock.ts'
import { requireFreePort } from './serve/ports.ts'
import { startServer, type Server } from './serve/server.ts'
import { readSettings, serverEnvironment, SettingsError, type Settings } from './serve/settings.ts'
import { isWeakPassword } from '../shared/utils/weak-password.ts'

const startedAt = performance.now()
const log = (line: string) => console.info(`· ${line}`)
const cancelled = new AbortController()
const cleanups: (() => Promise<void>)[] = []
let isStopping = false

surviveClosedOutput()

process.once('SIGINT', () => stopAll(0))
process.once('SIGTERM', () => stopAll(0))
process.once('SIGHUP', () => stopAll(0))
if (process.env.npm_lifecycle_event) stopWithParent()
try {
  await run(readSettings(process.argv.slice(2)))
} catch (error) {
  if (!isStopping) {
    console.error(
      error instanceof SettingsError || !(error instanceof Error) ? `\n${error instanceof Error ? error.message : String(error)}\n` : error
    )
    await stopAll(1)
  }
}

async function run(settings: Settings): Promise<void> {
  const build = settings.mode === 'dev' ? Promise.resolve() : undefined
  if (settings.hosted) {
    await requireFreePort('PORT', settings.port, settings.host, 0)
    await (build ?? ensureBuild({ log, logFile: join(projectRoot, '.nuxt', 'build.log'), signal: cancelled.signal }))
    await serve(settings, serverEnvironment(settings, settings.hosted), null)
    return
  }
  await claimDataDir(settings)
  const [stack] = await Promise.all([
    prepareStack(settings),
    build ?? ensureBuild({ log, logFile: join(settings.dataDir, 'build.log'), signal: cancelled.signal })
  ])
  await serve(settings, serverEnvironment(settings, stack.env), stack)
}

/** Takes the lock of the data directory and checks the ports. After a killed run, waits for its processes to release them. */
async function claimDataDir(settings: Settings): Promise<void> {
  const lock = await takeLock(join(settings.dataDir, 'lock'))
  if ('heldBy' in lock)
    throw new SettingsError(
      `Switchboard is running on ${settings.dataDir} already (process ${lock.heldBy}). Stop that one, or set DATA_DIR to another directory.`
    )
  cleanups.push(() => lock.release())
  if (lock.recovered) log('The last run was killed; recovering')
  await stopOrphanedPostgres(settings.dataDir, log)
  const waitMs = lock.recovered ? 5_000 : 0
  await requireFreePort('PORT', settings.port, settings.host, waitMs)
  await requireFreePort('SUPABASE_PORT', settings.supabasePort, '127.0.0.1', waitMs)
  await requireFreePort('POSTGRES_PORT', settings.postgresPort, '127.0.0.1', waitMs)
}

async function prepareStack(settings: Settings): Promise<Stack> {
  const starting = startStack({ ...settings, isWeakPassword, log })
  // Registered before it is up, so that a stop during the start does not leave a database running.
  cleanups.push(() =>
    starting.then(
      stack => stack.stop(),
      () => {}
    )
  )
  const stack = await starting
  if (isStopping) return stack
  stack.failed.then(() => fail('Postgres could not be started again.'), fail)
  await applyMigrations({ databaseUrl: stack.env.DATABASE_URL, log })
  if (settings.mode === 'demo') await loadDemo(stack, settings)
  return stack
}

async function loadDemo(stack: Stack, settings: Settings): Promise<void> {
  const { loadDemo } = await import('../supabase/demo/load.ts')
  const { DATABASE_URL, SUPABASE_URL, SUPABASE_SECRET_KEY } = stack.env
  await loadDemo({
    databaseUrl: DATABASE_URL,
    password: settings.demoPassword,
    storage: { url: SUPABASE_URL, secretKey: SUPABASE_SECRET_KEY }
  })
}

async function serve(settings: Settings, env: NodeJS.ProcessEnv, stack: Stack | null): Promise<void> {
  if (isStopping) return
  const server: Server = startServer({ isDev: settings.mode === 'dev', host: settings.host, port: settings.port, env, log })
  cleanups.push(server.stop)
  server.failed.then(() => fail('The server keeps crashing.'), fail)
  await server.ready
  if (!isStopping) announce(settings, stack)
}

function announce(settings: Settings, stack: Stack | null): void {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
  const lines = [['Open', settings.siteUrl]]
  if (stack && !settings.smtpUrl) lines.push(['Mail', stack.inboxUrl])
  if (settings.mode === 'demo') {
    lines.push(['Accounts', 'Acme     ann@acme.test (owner), adam@acme.test (admin), bob@acme.test (member), vera@acme.test (viewer)'])
    lines.push(['', 'Initech  ivan@initech.test (owner), dan@initech.test (member)'])
    lines.push(['Password', settings.demoPassword])
  }
  if (stack) lines.push(['Data', settings.dataDir])
  console.info(
    `\n  Switchboard is ready after ${seconds} s\n\n${lines.map(([label, value]) => `  ${label!.padEnd(9)} ${value}`).join('\n')}\n`
  )
}

function fail(reason: unknown): void {
  if (isStopping) return
  console.error(`\n${reason instanceof Error ? reason.message : String(reason)}\n`)
  void stopAll(1)
}

/** Stops when the parent is gone: npm signals the shell of its script, which does not pass the signal on. */
function stopWithParent(): void {
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) void stopAll(0)
  }, 250).unref()
}

/** Stops all parts in reverse order of their start and exits. A second signal exits at once. */
async function stopAll(code: number): Promise<void> {
  if (isStopping) return
  isStopping = true
  for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(1))
  cancelled.abort()
  let exitCode = code
  for (const cleanup of cleanups.splice(0).reverse()) {
    await cleanup().catch((error: Error) => {
      console.error(error.message)
      exitCode = 1
    })
  }
  process.exit(exitCode)
}
