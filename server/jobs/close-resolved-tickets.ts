import { plural } from '#shared/utils/plural'
import { asService } from '../db/identity'
import { closeDueTickets } from '../domain/ticket/auto-close'
import { runBatches } from './batches'
import type { Job } from './boss'

// A person who reopens a ticket waits for one batch at most.
const batchSize = 200

export function closeResolvedTickets(stopping: AbortSignal): Promise<number> {
  return runBatches(stopping, () => asService('closing resolved tickets', db => closeDueTickets(db, batchSize)))
}

export const closeResolvedTicketsJob: Job = {
  name: 'close-resolved-tickets',
  async run(stopping) {
    const closed = await closeResolvedTickets(stopping)
    if (closed > 0) console.info(plural(closed, 'Closed 1 resolved ticket', 'Closed # resolved tickets'))
  }
}
