import { sql } from 'kysely'
import { asService } from '../db/identity'
import { jobsAreRunning } from '../jobs/boss'

const shareMs = 1_000
const longestMs = 3_000
let latest: { at: number; isRunning: boolean; check: Promise<void> } | undefined

/**
 * Throws 503 unless the database answers, has the schema, and the jobs of this process run. The route is public, so requests within a
 * second share one check, and so do requests during a check, for up to three seconds.
 */
export function requireReady(): Promise<void> {
  const age = performance.now() - (latest?.at ?? -Infinity)
  if (latest && age < (latest.isRunning ? longestMs : shareMs)) return latest.check
  const current = {
    at: performance.now(),
    isRunning: true,
    check: checkReady().finally(() => {
      current.isRunning = false
    })
  }
  latest = current
  return current.check
}

async function checkReady(): Promise<void> {
  try {
    await asService('readiness', tx => sql`select from public.tickets limit 1`.execute(tx))
  } catch (error) {
    console.error('Not ready:', error instanceof Error ? error.message : 'unknown error')
    throw failure(503, 'unavailable', 'The database is not ready')
  }
  if (!jobsAreRunning()) throw failure(503, 'unavailable', 'Background jobs are not running yet')
}
