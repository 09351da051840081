import { sql } from 'kysely'
import type { Db } from '../db/types'

export async function listCleanups(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`select id::text from private.cleanups order by id`.execute(db)
  return rows.map(({ id }) => id)
}

/** Does one step of a cleanup. Returns false when it is finished or another server holds it. */
export async function continueCleanup(db: Db, id: string): Promise<boolean> {
  const { rows } = await sql<{ isUnfinished: boolean }>`select private.continue_cleanup(${id}::bigint) as "isUnfinished"`.execute(db)
  return rows[0]!.isUnfinished
}
