import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '../db/listen'
import { holdServerLock } from '../db/server-lock'
import { reasonOf } from './error-text'

/** Work that may become due at any time. Several servers share it. */
export interface Worker {
  name: string
  /** NOTIFY on this channel wakes it. */
  channel: string
  /**
   * Does the work that is due, or returns early when `stopping` is aborted. Returns the milliseconds until more is due; null when
   * nothing waits. It is called again after five seconds at the latest, and when its own unfinished work calls `wake`. `server` is the
   * number by which other servers see whether this process is alive: server/db/server-lock.ts.
   */
  work: (stopping: AbortSignal, wake: () => void, server: number | null) => Promise<number | null>
  /** Ends the unfinished work of `work`, after its last call. */
  finish?: () => Promise<void>
}

const pollMs = 5_000
const shutdownGraceMs = 2_000

let stop: (() => Promise<void>) | undefined

export function startWorkers(databaseUrl: string, workers: Worker[]): void {
  if (workers.length > 0) stop ??= open(databaseUrl, workers)
}

/** Gives running work two seconds to finish. Interrupted work is done again later. */
export async function stopWorkers(): Promise<void> {
  const stopping = stop
  stop = undefined
  await stopping?.()
}

function open(databaseUrl: string, workers: Worker[]): () => Promise<void> {
  const stopping = new AbortController()
  const wakes = new Map(workers.map(({ channel }) => [channel, new Set<() => void>()]))
  const stopListening = listen(databaseUrl, [...wakes.keys()], channel => wakes.get(channel)?.forEach(wake => wake()))
  const lock = holdServerLock(databaseUrl)
  const running = workers.map(worker => run(worker, stopping.signal, wakes.get(worker.channel)!, lock.server))
  return async () => {
    stopping.abort()
    await Promise.race([Promise.all(running), sleep(shutdownGraceMs, undefined, { ref: false })])
    await Promise.all([stopListening(), lock.release()])
  }
}

async function run(
  { name, work, finish }: Worker,
  stopping: AbortSignal,
  wakes: Set<() => void>,
  server: () => number | null
): Promise<void> {
  let isWoken: boolean
  let rest = new AbortController()
  const wake = () => {
    isWoken = true
    rest.abort()
  }
  wakes.add(wake)
  let failures = 0
  while (!stopping.aborted) {
    isWoken = false
    rest = new AbortController()
    let pause = pollMs
    try {
      const next = await work(stopping, wake, server())
      failures = 0
      if (next !== null) pause = Math.min(pollMs, Math.max(0, next))
    } catch (error) {
      failures++
      // While the database is unreachable every call fails the same way: log it once.
      if (failures === 1) console.error(`The worker ${name} failed: ${reasonOf(error)}`)
    }
    // A wake during the work may concern rows that the work had already passed.
    if (isWoken && failures === 0) continue
    await sleep(pause, undefined, { signal: AbortSignal.any([stopping, rest.signal]), ref: false }).catch(() => {
      /* aborted by a wake, or stopping */
    })
  }
  try {
    await finish?.()
  } catch (error) {
    console.error(`The worker ${name} could not finish: ${reasonOf(error)}`)
  }
}
