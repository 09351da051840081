import { globSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

/** The process id of the web server among the descendants of `npm run demo`. */
export function serverPid(root: number): number {
  const processes = globSync('/proc/[0-9]*/stat').flatMap(file => {
    try {
      const [, pid, parent] = /^(\d+) \(.*\) \S (\d+)/s.exec(readFileSync(file, 'utf8')) ?? []
      return [{ pid: Number(pid), parent: Number(parent), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }]
    } catch {
      return [] // ended in the meantime
    }
  })
  const below = (pid: number): typeof processes =>
    processes.filter(({ parent }) => parent === pid).flatMap(child => [child, ...below(child.pid)])
  const server = below(root).find(({ command }) => command.includes('.output/server/index.mjs'))
  if (!server) throw new Error('The server was not found among the processes')
  return server.pid
}

/** Watches the memory of a process (resident bytes) from now on. The returned function ends it and describes the growth. */
export function watchMemory(pid: number): () => Promise<string> {
  const before = residentBytes(pid)
  let peak = before
  const watching = new AbortController()
  const watch = (async () => {
    while (!watching.signal.aborted) {
      peak = Math.max(peak, residentBytes(pid))
      await sleep(20)
    }
  })()
  return async () => {
    watching.abort()
    await watch
    return `${(before / 1e6).toFixed(0)} MB, at most +${((peak - before) / 1e6).toFixed(0)} MB`
  }
}

function residentBytes(pid: number): number {
  return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024
}
