import type { Kysely } from 'kysely'
import { asService } from '../db/identity'
import type { Database } from '../db/types'
import { continueCleanup, listCleanups } from '../domain/cleanup'
import { reasonOf } from './error-text'
import type { Worker } from './worker'

/**
 * Goes on with all cleanups, a step of each in turn so that a large one keeps no other waiting, until none is left or
 * `stopping` is aborted. One that fails waits for the next time.
 */
export async function continueCleanups(stopping: AbortSignal, on?: Kysely<Database>): Promise<void> {
  let unfinished = await asService('cleanups', listCleanups, on)
  while (unfinished.length > 0 && !stopping.aborted) {
    const left: string[] = []
    for (const id of unfinished) {
      if (stopping.aborted) return
      try {
        if (await asService('cleanups', db => continueCleanup(db, id), on)) left.push(id)
      } catch (error) {
        console.error(`A cleanup could not go on: ${reasonOf(error)}`)
      }
    }
    unfinished = left
  }
}

/** At once when somebody asks for a cleanup, and every few seconds for those whose server has gone. */
export const cleanupWorker: Worker = {
  name: 'cleanups',
  channel: 'switchboard_cleanups',
  async work(stopping) {
    await continueCleanups(stopping)
    return null
  }
}
