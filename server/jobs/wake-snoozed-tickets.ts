import { asService } from '../db/identity'
import { getMsUntilNextWake, wakeDueTickets } from '../domain/ticket/snooze'
import { runBatches } from './batches'
import type { Worker } from './worker'

// A person who changes a ticket waits for one batch at most.
const batchSize = 200
// A due ticket that another transaction locks is tried again after this time.
const retryMs = 500

export function wakeSnoozedTickets(stopping: AbortSignal): Promise<number> {
  return runBatches(stopping, () => asService('waking tickets', db => wakeDueTickets(db, batchSize)))
}

function getNextWake(): Promise<number | null> {
  return asService('looking for tickets to wake', getMsUntilNextWake)
}

export const wakeWorker: Worker = {
  name: 'wake-snoozed-tickets',
  // Snoozing is an event, which may change when the next ticket wakes.
  channel: 'switchboard_events',
  async work(stopping) {
    let next = await getNextWake()
    if (next === null || next > 0) return next
    await wakeSnoozedTickets(stopping)
    next = await getNextWake()
    return next === null ? null : Math.max(retryMs, next)
  }
}
