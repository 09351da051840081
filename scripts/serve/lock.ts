import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export type Lock = {
  /** The lock of a killed process was taken over. */
  recovered: boolean
  release(): Promise<void>
}

type Holder = { pid: number; startedAt: string }

/**
 * Takes the lock file at `path`, or returns the id of the process that holds it. A stale file, whose process ended or whose
 * process id was reused, is taken over.
 */
export async function takeLock(path: string): Promise<Lock | { heldBy: number }> {
  await mkdir(dirname(path), { recursive: true })
  const mine = JSON.stringify({ pid: process.pid, startedAt: await startTime(process.pid) } satisfies Holder)
  const candidate = `${path}.${process.pid}`
  await writeFile(candidate, mine)
  try {
    for (let recovered = false; ; recovered = true) {
      if (await tryLink(candidate, path)) return { recovered, release: () => release(path, mine) }
      const text = await readFile(path, 'utf8').catch(() => '')
      const holder = text ? (JSON.parse(text) as Holder) : null
      if (holder && (await isAlive(holder))) return { heldBy: holder.pid }
      await removeStale(path, text)
    }
  } finally {
    await unlink(candidate)
  }
}

/** Creating a hard link is atomic: only one of several processes succeeds. */
async function tryLink(candidate: string, path: string): Promise<boolean> {
  return link(candidate, path).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    }
  )
}

async function removeStale(path: string, text: string): Promise<void> {
  const aside = `${path}.${process.pid}.stale`
  const isMoved = await rename(path, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    }
  )
  if (!isMoved) return
  // Another process has taken the lock since we read it: restore its file.
  if ((await readFile(aside, 'utf8')) !== text) await tryLink(aside, path)
  await unlink(aside)
}

async function release(path: string, mine: string): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => null)) === mine) await unlink(path)
}

async function isAlive(holder: Holder): Promise<boolean> {
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return (await startTime(holder.pid)) === holder.startedAt
}

/** Start time of a process in clock ticks since boot (proc(5), field 22); empty without /proc. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
