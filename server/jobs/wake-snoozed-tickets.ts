import type { Kysely } from 'kysely'
import { asService } from '../db/identity'
import type { Database } from '../db/types'
import { untilNextWake, wakeDueTickets } from '../domain/ticket/snooze'
import type { Worker } from './worker'

// Short transactions: nobody who changes a ticket waits for more than these.
const batchSize = 200
// What is due and held by somebody else is tried again.
const shortestPauseMs = 500

/** Wakes all that is due, batch by batch, until none is left or `stopping` is aborted. Answers how many it woke. */
export async function wakeSnoozedTickets(stopping: AbortSignal, on?: Kysely<Database>): Promise<number> {
  let total = 0
  while (!stopping.aborted) {
    const woken = await asService('waking tickets', tx => wakeDueTickets(tx, batchSize), on)
    total += woken
    if (woken === 0) break
  }
  return total
}

function due(): Promise<number | null> {
  return asService('looking for tickets to wake', untilNextWake)
}

/** At the moment a ticket is put away until, and at the start of a server for what became due while none ran. */
export const wakeWorker: Worker = {
  name: 'wake-snoozed-tickets',
  // Putting a ticket away is an event: the next time to wake one may be another now.
  channel: 'switchboard_events',
  async work(stopping) {
    let next = await due()
    if (next === null || next > 0) return next
    await wakeSnoozedTickets(stopping)
    next = await due()
    return next === null ? null : Math.max(shortestPauseMs, next)
  }
}
