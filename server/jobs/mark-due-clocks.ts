import { asService } from '../db/identity'
import { getMsUntilNextClock, markDueClocks } from '../domain/sla/clock'
import { dueWorker } from './due-worker'

// A person who changes a ticket waits for one batch at most.
const batchSize = 100

/** Writes the warnings and breaches of SLA clocks that are due. */
export const clockWorker = dueWorker(
  'mark-due-clocks',
  () => asService('marking due clocks', db => markDueClocks(db, batchSize)),
  () => asService('looking for due clocks', getMsUntilNextClock)
)
