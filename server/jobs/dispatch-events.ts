import type { Kysely } from 'kysely'
import { asService } from '../db/identity'
import type { Database } from '../db/types'
import { postponeOutboxEvent, takeOutboxEvents, type EventReader } from '../domain/event'
import { notify } from '../domain/notification/notify'
import { enqueueDeliveries } from '../domain/webhook/enqueue'
import { mailReader } from './queue-mails'
import { reasonOf } from './error-text'
import type { Worker } from './worker'

// One transaction holds so many: a failure repeats these, and a crash costs no more.
const batchSize = 100

/** Who makes something of events, in this order. */
const readers: EventReader[] = [notify, mailReader, enqueueDeliveries]

/**
 * Tells `tell` of all events in the outbox, batch by batch, until none is due or `stopping` is aborted. A batch that
 * fails is told event by event, so that one that cannot be told keeps no other waiting. Answers how many were told.
 */
export async function dispatchEvents(stopping: AbortSignal, tell: EventReader[] = readers, on?: Kysely<Database>): Promise<number> {
  let told = 0
  let limit = batchSize
  while (!stopping.aborted) {
    try {
      const count = await dispatchBatch(limit, tell, on)
      told += count
      if (count === 0) break
    } catch (error) {
      if (limit > 1) {
        limit = 1
        continue
      }
      const reason = reasonOf(error)
      console.error(`An event could not be told: ${reason}`)
      // Throws as well where it is the database that is away; the worker comes again.
      await asService('postponing an event', db => postponeOutboxEvent(db, reason), on)
    }
  }
  return told
}

function dispatchBatch(limit: number, tell: EventReader[], on?: Kysely<Database>): Promise<number> {
  return asService(
    'dispatching events',
    async db => {
      const events = await takeOutboxEvents(db, limit)
      if (events.length > 0) for (const read of tell) await read(db, events)
      return events.length
    },
    on
  )
}

export const dispatchWorker: Worker = {
  name: 'dispatch-events',
  channel: 'switchboard_events',
  async work(stopping) {
    await dispatchEvents(stopping)
    return null
  }
}
