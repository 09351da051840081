import { asService } from '../db/identity'
import { untilNextWake, wakeDueTickets } from '../domain/ticket/snooze'
import { runBatches } from './batches'
import type { Worker } from './worker'

// Somebody who changes a ticket waits for one batch at most.
const batchSize = 200
// A ticket that is due and locked by another transaction is tried again after this time.
const retryMs = 500

/** Wakes every ticket that is due, until `stopping` is aborted. Returns how many it woke. */
export function wakeSnoozedTickets(stopping: AbortSignal): Promise<number> {
  return runBatches(stopping, () => asService('waking tickets', db => wakeDueTickets(db, batchSize)))
}

function getNextWake(): Promise<number | null> {
  return asService('looking for tickets to wake', untilNextWake)
}

/** When the next snooze ends, and at the start of a server for what became due while none ran. */
export const wakeWorker: Worker = {
  name: 'wake-snoozed-tickets',
  // A snooze is an event: the next time to wake a ticket may have changed.
  channel: 'switchboard_events',
  async work(stopping) {
    let next = await getNextWake()
    if (next === null || next > 0) return next
    await wakeSnoozedTickets(stopping)
    next = await getNextWake()
    return next === null ? null : Math.max(retryMs, next)
  }
}
