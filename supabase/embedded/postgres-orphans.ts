import { spawnSync } from 'node:child_process'
import { readFile, readdir, readlink, realpath, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './postgres.ts'

/**
 * Stops a Postgres of this data directory whose supervisor was killed, which frees its port. Returns whether it found one.
 * The caller must hold the lock of the data directory.
 */
export async function stopOrphanedPostgres(dataDir: string, log: Log): Promise<boolean> {
  const pgdata = await realpath(join(resolve(dataDir), 'postgres')).catch(() => null)
  return pgdata !== null && stopOrphan(pgdata, log)
}

/**
 * Stops a server of this cluster that outlived its supervisor, or the remaining backends of a killed one, and removes
 * its lock file. Returns whether it found any process. Throws when a process survives SIGKILL.
 */
export async function stopOrphan(pgdata: string, log: Log): Promise<boolean> {
  let found = false
  for (const [signal, graceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000]
  ] as const) {
    const orphans = await listProcesses(pgdata)
    if (orphans.length === 0) break
    found = true
    const postmaster = Number((await readPidFile(pgdata))?.[0])
    log(`Stopping a Postgres that outlived its supervisor (process ${orphans.includes(postmaster) ? postmaster : orphans.join(', ')})`)
    for (const pid of orphans.includes(postmaster) && signal !== 'SIGKILL' ? [postmaster] : orphans) signalProcess(pid, signal)
    const deadline = Date.now() + graceMs
    while ((await listProcesses(pgdata)).length > 0 && Date.now() < deadline) await sleep(50)
  }
  if ((await listProcesses(pgdata)).length > 0) throw new Error(`Could not stop the Postgres that still runs on ${pgdata}.`)
  // No process runs in this directory, so the lock file is stale, even if its process id was reused.
  await rm(join(pgdata, 'postmaster.pid'), { force: true })
  return found
}

/** Processes whose working directory is the cluster: only the postmaster and its backends. */
async function listProcesses(pgdata: string): Promise<number[]> {
  const directory = await realpath(pgdata)
  if (process.platform !== 'linux') {
    const pid = Number((await readPidFile(pgdata))?.[0])
    const command = pid ? spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout : ''
    return command.includes(pgdata) ? [pid] : []
  }
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const found = await Promise.all(
    pids.map(async pid => ((await readlink(`/proc/${pid}/cwd`).catch(() => '')) === directory ? Number(pid) : null))
  )
  return found.filter(pid => pid !== null)
}

function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** The lines of postmaster.pid (src/include/utils/pidfile.h), or null when the file does not exist. */
export async function readPidFile(pgdata: string): Promise<string[] | null> {
  return readFile(join(pgdata, 'postmaster.pid'), 'utf8').then(
    text => text.split('\n'),
    () => null
  )
}
