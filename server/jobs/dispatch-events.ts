import { asService } from '../db/identity'
import { postponeOutboxEvent, takeOutboxEvents, type EventReader, type OutboxEvent } from '../domain/event'
import { notify } from '../domain/notification/notify'
import { enqueueDeliveries } from '../domain/webhook/enqueue'
import { runBatches } from './batches'
import { mailReader } from './queue-mails'
import { reasonOf } from './error-text'
import type { Worker } from './worker'

// Events per transaction: a failure or a crash repeats no more than these.
const batchSize = 100

// In the order in which they run.
const eventReaders: EventReader[] = [readAs('members', notify), readAs('members', mailReader), readAs('integrations', enqueueDeliveries)]

/**
 * Passes all due events of the outbox to `readers`, until none is left or `stopping` is aborted. After a batch fails, it dispatches
 * events one by one: an event that fails again is postponed, so that it does not block the others. Throws when the database is
 * unreachable.
 */
export async function dispatchEvents(stopping: AbortSignal, readers: EventReader[] = eventReaders): Promise<void> {
  let limit = batchSize
  const dispatchNext = async (): Promise<number> => {
    try {
      return await dispatchBatch(limit, readers)
    } catch (error) {
      if (limit === 1) return postponeNext(reasonOf(error))
      limit = 1
      return stopping.aborted ? 0 : dispatchNext()
    }
  }
  await runBatches(stopping, dispatchNext)
}

/** Passes only what this audience hears now. */
function readAs(audience: OutboxEvent['audience'], read: EventReader): EventReader {
  return async (db, events) => {
    const heard = events.filter(event => event.audience === audience || event.audience === 'all')
    if (heard.length > 0) await read(db, heard)
  }
}

function dispatchBatch(limit: number, readers: EventReader[]): Promise<number> {
  return asService('dispatching events', async db => {
    const events = await takeOutboxEvents(db, limit)
    if (events.length > 0) for (const read of readers) await read(db, events)
    return events.length
  })
}

async function postponeNext(reason: string): Promise<number> {
  console.error(`An event could not be dispatched: ${reason}`)
  await asService('postponing an event', db => postponeOutboxEvent(db, reason))
  return 1
}

export const dispatchWorker: Worker = {
  name: 'dispatch-events',
  channel: 'switchboard_events',
  async work(stopping) {
    await dispatchEvents(stopping)
    return null
  }
}
