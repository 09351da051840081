import { asService } from '../db/identity'
import { getMsUntilNextWake, wakeDueTickets } from '../domain/ticket/snooze'
import { runBatches } from './batches'
import { dueWorker } from './due-worker'

// A person who changes a ticket waits for one batch at most.
const batchSize = 200

export function wakeSnoozedTickets(stopping: AbortSignal): Promise<number> {
  return runBatches(stopping, wakeBatch)
}

export const wakeWorker = dueWorker('wake-snoozed-tickets', wakeBatch, () => asService('looking for tickets to wake', getMsUntilNextWake))

function wakeBatch(): Promise<number> {
  return asService('waking tickets', db => wakeDueTickets(db, batchSize))
}
