import { plural } from '#shared/utils/plural'
import { asService } from '../db/identity'
import { closeDueTickets } from '../domain/ticket/auto-close'
import { runBatches } from './batches'
import type { Job } from './boss'

// Somebody who reopens a ticket waits for one batch at most.
const batchSize = 200

/** Closes every ticket that is due, until `stopping` is aborted. Returns how many it closed. */
export function closeResolvedTickets(stopping: AbortSignal): Promise<number> {
  return runBatches(stopping, () => asService('closing resolved tickets', db => closeDueTickets(db, batchSize)))
}

/** Every hour, and at the start of a server, for what became due while none ran. */
export const closeResolvedTicketsJob: Job = {
  name: 'close-resolved-tickets',
  async run(stopping) {
    const closed = await closeResolvedTickets(stopping)
    if (closed > 0) console.info(plural(closed, 'Closed 1 resolved ticket', 'Closed # resolved tickets'))
  }
}
