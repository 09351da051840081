import { setTimeout as sleep } from 'node:timers/promises'
import { listen } from '../db/listen'
import { holdServerLock } from '../db/server-lock'
import { reasonOf } from './error-text'

/** Work that is there at any moment: done as soon as it is due, by as many servers as run. */
export interface Worker {
  name: string
  /** The channel of NOTIFY that says that there may be work. */
  channel: string
  /**
   * Does what is due, or the part that is done when `stopping` is aborted, and answers in how many milliseconds the next
   * is due; null where nothing waits. It is called again after five seconds at the latest, and as soon as `wake` is
   * called by what it left under way. `server` is the number of this process, by which others see whether it is alive.
   */
  work: (stopping: AbortSignal, wake: () => void, server: number | null) => Promise<number | null>
  /** Brings what `work` left under way to an end, when it is not called any more. */
  finish?: () => Promise<void>
}

const pollMs = 5_000
const shutdownGraceMs = 2_000

let stop: (() => Promise<void>) | undefined

/** Runs `workers` in this process from now on. */
export function startWorkers(databaseUrl: string, workers: Worker[]): void {
  if (workers.length > 0) stop ??= open(databaseUrl, workers)
}

/** Lets what is being done come to an end, for two seconds; what is cut off is done again later. */
export async function stopWorkers(): Promise<void> {
  const stopping = stop
  stop = undefined
  await stopping?.()
}

function open(databaseUrl: string, workers: Worker[]): () => Promise<void> {
  const stopping = new AbortController()
  const wakes = new Map(workers.map(({ channel }) => [channel, new Set<() => void>()]))
  const deafen = listen(databaseUrl, [...wakes.keys()], channel => wakes.get(channel)?.forEach(wake => wake()))
  const lock = holdServerLock(databaseUrl)
  const running = workers.map(worker => run(worker, stopping.signal, wakes.get(worker.channel)!, lock.server))
  return async () => {
    stopping.abort()
    await Promise.race([Promise.all(running), sleep(shutdownGraceMs, undefined, { ref: false })])
    await Promise.all([deafen(), lock.release()])
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
      // A database that is away answers every time with the same error.
      if (failures === 1) console.error(`The worker ${name} failed: ${reasonOf(error)}`)
    }
    // A wake in the middle of the work may have come for what it had passed already.
    if (isWoken && failures === 0) continue
    await sleep(pause, undefined, { signal: AbortSignal.any([stopping, rest.signal]), ref: false }).catch(() => {
      /* woken, or asked to stop */
    })
  }
  try {
    await finish?.()
  } catch (error) {
    console.error(`The worker ${name} could not finish: ${reasonOf(error)}`)
  }
}
