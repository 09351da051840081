import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseEnv } from 'node:util'
import postgres from 'postgres'
import { projectRoot } from '../../../supabase/embedded/cli.ts'
import { freePort } from '../../../supabase/embedded/postgres.ts'
import { copyTemplate } from '../../../supabase/embedded/template.ts'
import { widenBudgets } from '../../support/budgets.ts'

export interface Demo {
  url: string
  supabaseUrl: string
  publishableKey: string
  databaseUrl: string
  /** The port on 127.0.0.1 that webhooks may call. */
  webhookPort: number
  /** The process id of the demo. */
  pid: number
  stop(): Promise<void>
}

/**
 * The demo as `npm run demo` starts it, in a temporary directory with a migrated database: tests/conformance/stack.test.ts tests the
 * first start of an empty directory. Rejects with its output when it ends before it is ready.
 */
export async function startDemo(): Promise<Demo> {
  const dataDir = await mkdtemp(join(tmpdir(), 'switchboard-e2e-'))
  await copyTemplate('migrated', dataDir)
  const [port, supabasePort, postgresPort, webhookPort] = [await freePort(), await freePort(), await freePort(), await freePort()]
  const child = spawn(process.execPath, [join(projectRoot, 'scripts', 'serve.ts'), '--demo'], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      PORT: String(port),
      SUPABASE_PORT: String(supabasePort),
      POSTGRES_PORT: String(postgresPort),
      DATA_DIR: dataDir,
      SITE_URL: '',
      SUPABASE_URL: '',
      SMTP_URL: '',
      HOST: '127.0.0.1',
      AUTH_RATE_LIMIT_FACTOR: '1000',
      WEBHOOK_ALLOW_PRIVATE: `127.0.0.1:${webhookPort}`
    }
  })
  const logFile = join(dataDir, 'output.log')
  const log = createWriteStream(logFile)
  child.stdout.pipe(log, { end: false })
  child.stderr.pipe(log, { end: false })

  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
    log.end()
    await rm(dataDir, { recursive: true, force: true })
  }

  const isReady = await new Promise<boolean>(resolve => {
    let output = ''
    child.stdout.on('data', (text: Buffer) => {
      output += text.toString()
      if (output.includes('Switchboard is ready')) resolve(true)
    })
    child.once('exit', () => resolve(false))
  })
  if (!isReady) {
    const output = await readFile(logFile, 'utf8')
    await stop()
    throw new Error(`The demo did not start:\n${output}`)
  }
  const { SUPABASE_KEY, DATABASE_URL } = parseEnv(await readFile(join(dataDir, 'supabase.env'), 'utf8'))
  return {
    url: `http://localhost:${port}`,
    supabaseUrl: `http://127.0.0.1:${supabasePort}`,
    publishableKey: SUPABASE_KEY!,
    databaseUrl: DATABASE_URL!,
    webhookPort,
    pid: child.pid!,
    stop
  }
}

/**
 * Runs `work` on the demo that E2E_URL, E2E_SUPABASE_URL, E2E_SUPABASE_KEY and E2E_DATABASE_URL name, or on a new one.
 * `work` returns the exit code.
 */
export async function withDemo(work: () => Promise<number>): Promise<void> {
  const isRunning = process.env.E2E_URL && process.env.E2E_SUPABASE_URL && process.env.E2E_SUPABASE_KEY && process.env.E2E_DATABASE_URL
  const demo = isRunning ? null : await startDemo()
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.once(signal, () => void Promise.resolve(demo?.stop()).then(() => process.exit(1)))
  if (demo) {
    const sql = postgres(demo.databaseUrl, { max: 1 })
    await widenBudgets(sql) // before the server counts: it reads them once
    await sql.end()
  }
  if (demo)
    Object.assign(process.env, {
      E2E_URL: demo.url,
      E2E_SUPABASE_URL: demo.supabaseUrl,
      E2E_SUPABASE_KEY: demo.publishableKey,
      E2E_DATABASE_URL: demo.databaseUrl,
      E2E_WEBHOOK_PORT: String(demo.webhookPort)
    })
  try {
    process.exitCode = await work()
  } finally {
    await demo?.stop()
  }
}
