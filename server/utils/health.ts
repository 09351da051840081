import { sql } from 'kysely'
import { asService } from '../db/identity'
import { jobsAreRunning } from '../jobs/queue'

/** Throws 503 unless the database answers and holds the schema, and the jobs of this process run. */
export async function requireReady(): Promise<void> {
  try {
    await asService('readiness', tx => sql`select from public.tickets limit 1`.execute(tx))
  } catch (error) {
    console.error('Not ready:', error instanceof Error ? error.message : 'unknown error')
    throw failure(503, 'unavailable', 'The database is not ready')
  }
  if (!jobsAreRunning()) throw failure(503, 'unavailable', 'Background jobs are not running yet')
}
