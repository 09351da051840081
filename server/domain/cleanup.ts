import { sql } from 'kysely'
import type { Db } from '../db/types'

/** The cleanups that are unfinished, the oldest first. Past row-level security, for a job. */
export async function listCleanups(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id::text from private.cleanups order by id`.execute(db)
  return rows.map(({ id }) => id)
}

/** Does a step of a cleanup; false where none is left, or another server is at it. */
export async function continueCleanup(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql<{ isUnfinished: boolean }>`select private.continue_cleanup(${id}::bigint) as "isUnfinished"`.execute(db)
  return rows[0]!.isUnfinished
}
