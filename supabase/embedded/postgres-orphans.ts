import { spawnSync } from 'node:child_process'
import { readFile, readdir, readlink, realpath, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './postgres.ts'

/**
 * Stops a Postgres of this data directory whose supervisor was killed, so that its port is free again. Returns
 * whether there was one. Only for the holder of the directory's lock.
 */
export async function stopOrphanedPostgres(dataDir: string, log: Log): Promise<boolean> {
  const pgdata = await realpath(join(resolve(dataDir), 'postgres')).catch(() => null)
  return pgdata !== null && stopOrphan(pgdata, log)
}

/**
 * Ends a server of this data directory that outlived its supervisor, or the remaining backends of one that was
 * killed, and removes its lock file when the process it names is something else by now.
 */
export async function stopOrphan(pgdata: string, log: Log): Promise<boolean> {
  let found = false
  for (const [signal, graceMs] of [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000]
  ] as const) {
    const orphans = await processesOf(pgdata)
    if (orphans.length === 0) break
    found = true
    const postmaster = Number((await pidFile(pgdata))?.[0])
    log(`Stopping a Postgres that outlived its supervisor (process ${orphans.includes(postmaster) ? postmaster : orphans.join(', ')})`)
    for (const pid of orphans.includes(postmaster) && signal !== 'SIGKILL' ? [postmaster] : orphans) signalProcess(pid, signal)
    const deadline = Date.now() + graceMs
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

/** The lines of postmaster.pid (src/include/utils/pidfile.h), or null without one. */
export async function pidFile(pgdata: string): Promise<string[] | null> {
  return readFile(join(pgdata, 'postmaster.pid'), 'utf8').then(
    text => text.split('\n'),
    () => null
  )
}
