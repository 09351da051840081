import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { readFile, stat, truncate } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bootstrap } from './bootstrap.ts'
import { cleanEnvironment, createCluster, exists, install, type Installation } from './postgres-install.ts'
import { readPidFile, stopOrphan } from './postgres-orphans.ts'
import { loadSecrets, type LoginRole } from './secrets.ts'

export type Log = (line: string) => void

export type PostgresOptions = {
  /** Directory for the state of this install. Created when missing. */
  dataDir: string
  port: number
  /** `false`, for tests only, turns fsync off: a crash of the machine may corrupt the database. Default `true`. */
  isDurable?: boolean
  log?: Log
}

export type Postgres = {
  url(role: LoginRole): string
  adminUrl: string
  postgresUrl: string
  port: number
  /** Process id of the running server. It changes with a restart. */
  readonly pid: number
  /** Resolves when the server exited unexpectedly and the restarts failed. */
  failed: Promise<void>
  /** Fast shutdown, which rolls back running transactions. */
  stop(): Promise<void>
}

const startTimeoutMs = 60_000
const maxLogBytes = 10 * 1024 * 1024

const settings: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  wal_level: 'logical',
  max_wal_senders: '10',
  max_replication_slots: '10',
  max_slot_wal_keep_size: '1GB', // a slot without a reader must not fill the disk
  max_wal_size: '1GB',
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  max_connections: '100',
  shared_buffers: '128MB',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  log_statement: 'none',
  log_line_prefix: '%m [%p] %q%u@%d ',
  idle_in_transaction_session_timeout: '300s'
}

const nonDurableSettings: Record<string, string> = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }

/**
 * Starts this install's Postgres 17 on 127.0.0.1:port and prepares its database (see bootstrap.ts). Creates the cluster
 * on the first start. Stops an orphaned server of the same data directory first. Throws with the end of the server's log
 * when it is not ready within a minute.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const log = options.log ?? (() => {})
  const dataDir = resolve(options.dataDir)
  const isDurable = options.isDurable ?? true
  const secrets = await loadSecrets(dataDir)
  const installation = await install(dataDir, log)
  if (!(await exists(join(installation.pgdata, 'PG_VERSION')))) await createCluster(installation, secrets.passwords.supabase_admin)
  await stopOrphan(installation.pgdata, log)

  let child = await launch(installation, options.port, isDurable, log)
  let isStopping = false
  const stopServer = async () => {
    isStopping = true
    await stop(child)
  }
  const url = (role: LoginRole) => `postgresql://${role}:${secrets.passwords[role]}@127.0.0.1:${options.port}/postgres`
  try {
    await bootstrap(url('supabase_admin'), secrets)
  } catch (error) {
    await stopServer()
    throw error
  }
  const failed = restartOnExit()
  return {
    url,
    adminUrl: url('supabase_admin'),
    postgresUrl: url('postgres'),
    port: options.port,
    get pid() {
      return child.pid!
    },
    failed,
    stop: stopServer
  }

  /** Restarts the server whenever it exits unexpectedly, at most five times within ten minutes. */
  async function restartOnExit(): Promise<void> {
    const restarts: number[] = []
    for (;;) {
      await waitForExit(child)
      // A promise that never resolves: after an orderly stop nothing failed.
      if (isStopping) return new Promise(() => {})
      restarts.push(Date.now())
      if (restarts.filter(time => time > Date.now() - 600_000).length > 5) break
      log(`Postgres exited unexpectedly (${child.signalCode ?? `exit code ${child.exitCode}`}). Restarting it`)
      try {
        await stopOrphan(installation.pgdata, log)
        if (isStopping) return new Promise(() => {})
        child = await launch(installation, options.port, isDurable, log)
        if (isStopping) await stop(child)
      } catch (error) {
        log(error instanceof Error ? error.message : String(error))
        break
      }
    }
  }
}

/** A TCP port that is free on 127.0.0.1 now. It is below the ephemeral ports, so that no outgoing connection takes it. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000)
    const server = createServer()
    const isFree = await new Promise<boolean>(resolve =>
      server.once('error', () => resolve(false)).listen(port, '127.0.0.1', () => resolve(true))
    )
    if (!isFree) continue
    server.close()
    await once(server, 'close')
    return port
  }
}

async function launch(installation: Installation, port: number, isDurable: boolean, log: Log): Promise<ChildProcess> {
  const deadline = Date.now() + startTimeoutMs
  for (;;) {
    const logStart = await rotateLog(installation.logFile)
    const child = spawnServer(installation, port, isDurable)
    if (await waitUntilReady(child, installation, deadline)) return child
    const output = (await readFile(installation.logFile, 'utf8')).slice(logStart)
    await stop(child)
    const retry = /pre-existing shared memory block|lock file ".*postmaster\.pid" already exists|starting up/.test(output)
    if (!retry || Date.now() > deadline)
      throw new Error(`Postgres did not start. The end of ${installation.logFile}:\n${output.trim().split('\n').slice(-8).join('\n')}`)
    log('Postgres is waiting for the processes of a killed predecessor to exit')
    await stopOrphan(installation.pgdata, log)
    await sleep(250)
  }
}

function spawnServer(installation: Installation, port: number, isDurable: boolean): ChildProcess {
  const effective = isDurable ? settings : { ...settings, ...nonDurableSettings }
  const args = [
    '-D',
    installation.pgdata,
    '-p',
    String(port),
    ...Object.entries(effective).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  ]
  const out = openSync(installation.logFile, 'a', 0o600)
  try {
    // Its own process group, so that Ctrl-C signals only the supervisor, which stops the parts in order.
    const child = spawn(join(installation.bin, 'postgres'), args, {
      ...installation.user,
      cwd: '/',
      detached: true,
      stdio: ['ignore', out, out],
      env: cleanEnvironment()
    })
    child.on('error', error => spawnErrors.set(child, error))
    return child
  } finally {
    closeSync(out)
  }
}

const spawnErrors = new WeakMap<ChildProcess, Error>()

/** Waits until the eighth line of postmaster.pid, the server's state (src/include/utils/pidfile.h), says that it is ready. */
async function waitUntilReady(child: ChildProcess, installation: Installation, deadline: number): Promise<boolean> {
  while (Date.now() < deadline) {
    const failure = spawnErrors.get(child)
    if (failure) throw new Error(`Could not run Postgres: ${failure.message}`, { cause: failure })
    if (hasEnded(child)) return false
    const lines = await readPidFile(installation.pgdata)
    if (Number(lines?.[0]) === child.pid && lines?.[7]?.trim() === 'ready') return true
    await sleep(20)
  }
  return false
}

async function rotateLog(path: string): Promise<number> {
  const size = await stat(path).then(
    entry => entry.size,
    () => 0
  )
  if (size <= maxLogBytes) return size
  await truncate(path)
  return 0
}

async function stop(child: ChildProcess): Promise<void> {
  for (const [signal, graceMs] of [
    ['SIGINT', 15_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000]
  ] as const) {
    if (hasEnded(child) || child.pid === undefined) return
    const exit = once(child, 'exit')
    child.kill(signal)
    await Promise.race([exit, sleep(graceMs, undefined, { ref: false })])
  }
}

async function waitForExit(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await once(child, 'exit')
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}
