import { plural } from '#shared/utils/plural'
import type { Kysely } from 'kysely'
import { asService } from '../db/identity'
import type { Database } from '../db/types'
import { closeDueTickets } from '../domain/ticket/auto-close'
import type { Job } from './boss'

// Short transactions: nobody who opens a ticket again waits for more than these.
const batchSize = 200

/** Closes all that is due, batch by batch, until none is left or `stopping` is aborted. Answers how many it closed. */
export async function closeResolvedTickets(stopping: AbortSignal, on?: Kysely<Database>): Promise<number> {
  let total = 0
  while (!stopping.aborted) {
    const closed = await asService('closing resolved tickets', tx => closeDueTickets(tx, batchSize), on)
    total += closed
    if (closed === 0) break
  }
  return total
}

/** Every hour, and at the start of a server, for what became due while none ran. */
export const closeResolvedTicketsJob: Job = {
  name: 'close-resolved-tickets',
  async run(stopping) {
    const closed = await closeResolvedTickets(stopping)
    if (closed > 0) console.info(plural(closed, 'Closed 1 resolved ticket', 'Closed # resolved tickets'))
  }
}
