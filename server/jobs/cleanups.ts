import { asService } from '../db/identity'
import { continueCleanup, listCleanups } from '../domain/cleanup'
import { reasonOf } from './error-text'
import type { Worker } from './worker'

/**
 * Runs all cleanups until none is left or `stopping` is aborted. Takes one step of each in turn, so that a large one does not delay the
 * others. The next call tries a failed cleanup again.
 */
export async function continueCleanups(stopping: AbortSignal): Promise<void> {
  let unfinished = await asService('cleanups', listCleanups)
  while (unfinished.length > 0 && !stopping.aborted) {
    const remaining: string[] = []
    for (const id of unfinished) {
      if (stopping.aborted) return
      try {
        if (await asService('cleanups', db => continueCleanup(db, id))) remaining.push(id)
      } catch (error) {
        console.error(`A cleanup failed: ${reasonOf(error)}`)
      }
    }
    unfinished = remaining
  }
}

/** Wakes when a cleanup is queued. Its poll continues cleanups of a server that died. */
export const cleanupWorker: Worker = {
  name: 'cleanups',
  channel: 'switchboard_cleanups',
  async work(stopping) {
    await continueCleanups(stopping)
    return null
  }
}
