import { setTimeout as sleep } from 'node:timers/promises'
import { databaseFailure } from '../db/errors'
import { asService, asUser } from '../db/identity'
import type { Db } from '../db/types'
import { continueOperation, continueUndo, failOperation, listUnfinishedOperations, removeOldOperations } from '../domain/ticket/bulk'
import type { Job } from './boss'

// When other processes hold every operation, look again after this time: one of them may have been killed.
const retryDelayMs = 250

/**
 * Runs all bulk operations until none is left or `stopping` is aborted. Takes one step of each in turn, so that a large one does not
 * delay the others, under the identity and channel of its author. Several servers may share the work. An error ends its operation. A
 * transient error (a conflict, an unreachable database) leaves the operation for the next call and is thrown.
 */
export async function continueBulkOperations(stopping: AbortSignal): Promise<void> {
  const postponed = new Map<string, unknown>()
  while (!stopping.aborted) {
    const unfinished = (await asService('bulk operations', listUnfinishedOperations)).filter(({ id }) => !postponed.has(id))
    if (unfinished.length === 0) break
    let isAdvancing = false
    for (const { id, claims, status, channel } of unfinished) {
      if (stopping.aborted) return
      if (!claims) {
        await asService('bulk operations', db => failOperation(db, id, 'The API key was revoked or has expired'))
        continue
      }
      try {
        const run = (db: Db) => (status === 'undoing' ? continueUndo(db, id) : continueOperation(db, id))
        const hasAdvanced = await asUser(claims, run, { channel: channel ?? 'api', timeout: 'service' })
        isAdvancing ||= hasAdvanced
      } catch (error) {
        if (isTransient(error)) postponed.set(id, error)
        else await asService('bulk operations', db => failOperation(db, id, reasonOf(error)))
      }
    }
    if (!isAdvancing)
      await sleep(retryDelayMs, undefined, { signal: stopping }).catch(() => {
        /* aborted: the loop ends */
      })
  }
  for (const error of postponed.values()) throw error
}

/** Runs on request, and every minute to continue operations of a server that died. */
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

// The database is unreachable, or another transaction changed the same tickets.
function isTransient(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === '40001' || code === '40P01' || databaseFailure(error)?.statusCode === 503
}

function reasonOf(error: unknown): string {
  const known = databaseFailure(error)
  if (known) return known.message
  console.error('A bulk operation failed:', error instanceof Error ? error.message : 'unknown error')
  return 'Something went wrong'
}
