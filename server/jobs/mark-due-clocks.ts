import { asService } from '../db/identity'
import { getMsUntilNextClock, markDueClocks } from '../domain/sla/clock'
import { runBatches } from './batches'
import type { Worker } from './worker'

// A person who changes a ticket waits for one batch at most.
const batchSize = 100
// A due clock whose ticket another transaction locks is tried again after this time.
const retryMs = 500

/** Writes the warnings and breaches of SLA clocks that are due. */
export const clockWorker: Worker = {
  name: 'mark-due-clocks',
  // What starts or changes a clock is an event.
  channel: 'switchboard_events',
  async work(stopping) {
    let next = await untilNext()
    if (next === null || next > 0) return next
    await runBatches(stopping, () => asService('marking due clocks', db => markDueClocks(db, batchSize)))
    next = await untilNext()
    return next === null ? null : Math.max(retryMs, next)
  }
}

function untilNext(): Promise<number | null> {
  return asService('looking for due clocks', getMsUntilNextClock)
}
