import { setTimeout as sleep } from 'node:timers/promises'
import type { Kysely } from 'kysely'
import { databaseFailure } from '../db/errors'
import { asService, asUser } from '../db/identity'
import type { Database } from '../db/types'
import { continueOperation, continueUndo, failOperation, listUnfinishedOperations, removeOldOperations } from '../domain/ticket/bulk'
import type { Job } from './boss'

// What another process holds is looked at again after so long: it may have been killed in the middle.
const retryDelayMs = 250

/**
 * Goes on with the bulk operations that wait, a step of each in turn so that a large one keeps nobody waiting, each
 * under the identity of its author and by the way they came: until all have ended, here or elsewhere, or `stopping` is aborted. What is cut off
 * goes on later where it was. Throws what may be different the next time; other errors end the operation.
 */
export async function continueBulkOperations(stopping: AbortSignal, on?: Kysely<Database>): Promise<void> {
  const postponed = new Map<string, unknown>()
  while (!stopping.aborted) {
    const unfinished = (await asService('bulk operations', listUnfinishedOperations, on)).filter(({ id }) => !postponed.has(id))
    if (unfinished.length === 0) break
    let isAdvancing = false
    for (const { id, claims, status, channel } of unfinished) {
      if (stopping.aborted) return
      if (!claims) {
        await asService('bulk operations', db => failOperation(db, id, 'Its API key was revoked, or has expired'), on)
        continue
      }
      try {
        const advanced = await asUser(claims, db => (status === 'undoing' ? continueUndo(db, id) : continueOperation(db, id)), on, {
          channel: channel ?? 'api',
          takes: 'service'
        })
        isAdvancing ||= advanced
      } catch (error) {
        if (isPassing(error)) postponed.set(id, error)
        else await asService('bulk operations', db => failOperation(db, id, reasonOf(error)), on)
      }
    }
    if (!isAdvancing)
      await sleep(retryDelayMs, undefined, { signal: stopping }).catch(() => {
        /* asked to stop: the loop ends */
      })
  }
  for (const error of postponed.values()) throw error
}

/** When one is asked for; every minute, for those whose server has gone. */
export const bulkOperationsJob: Job = {
  name: 'bulk-operations',
  pollSeconds: 1,
  run: continueBulkOperations
}

export const removeBulkOperationsJob: Job = {
  name: 'remove-bulk-operations',
  async run() {
    await asService('removing old bulk operations', removeOldOperations)
  }
}

// Unreachable, or crossed by somebody else's change of the same tickets.
function isPassing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === '40001' || code === '40P01' || databaseFailure(error)?.statusCode === 503
}

function reasonOf(error: unknown): string {
  const known = databaseFailure(error)
  if (known) return known.message
  console.error('A bulk operation failed:', error instanceof Error ? error.message : 'unknown error')
  return 'Something went wrong'
}
