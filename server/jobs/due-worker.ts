import { runBatches } from './batches'
import type { Worker } from './worker'

// A due row that another transaction locks is tried again after this time.
const retryMs = 500

/**
 * A worker that sleeps until the next row is due. `work` does a batch of what is due and returns how many rows it changed; `untilNext`
 * returns the milliseconds until the next one, negative when one is late, null when none waits. What makes a row due is an event.
 */
export function dueWorker(name: string, work: () => Promise<number>, untilNext: () => Promise<number | null>): Worker {
  return {
    name,
    channel: 'switchboard_events',
    async work(stopping) {
      let next = await untilNext()
      if (next === null || next > 0) return next
      await runBatches(stopping, work)
      next = await untilNext()
      return next === null ? null : Math.max(retryMs, next)
    }
  }
}
