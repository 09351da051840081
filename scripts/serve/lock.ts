import { link, mkdir, readFile, rename, unlink, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'

export type Lock = {
  /** The previous holder was killed. */
  recovered: boolean
  release(): Promise<void>
}

type Holder = { pid: number; startedAt: string }

/**
 * Takes the lock file at `path` for this process, or returns the process that holds it. A file whose process is gone
 * (or whose number belongs to another process by now) is taken over at once.
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

/** A hard link is made by one process only, however many try. */
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
  const moved = await rename(path, aside).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return false
      throw error
    }
  )
  if (!moved) return
  // Another start was faster, and this is its lock: give it back.
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

/** Start time of a process in clock ticks since boot (proc(5), field 22); empty where there is no /proc. */
async function startTime(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}
