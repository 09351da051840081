import type { Kysely } from 'kysely'
import { asService } from '../db/identity'
import type { Database } from '../db/types'
import { removeOldNotifications } from '../domain/notification/remove'
import type { Job } from './boss'

const batchSize = 5_000

/** Removes what is too old to be news, batch by batch, until none is left or `stopping` is aborted. Answers how many. */
export async function removeNotifications(stopping: AbortSignal, on?: Kysely<Database>): Promise<number> {
  let total = 0
  while (!stopping.aborted) {
    const removed = await asService('removing old notifications', db => removeOldNotifications(db, batchSize), on)
    total += removed
    if (removed < batchSize) break
  }
  return total
}

export const removeNotificationsJob: Job = {
  name: 'remove-notifications',
  async run(stopping) {
    await removeNotifications(stopping)
  }
}
