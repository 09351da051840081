import { sql } from 'kysely'
import type { Db } from '../../db/types'

/**
 * Deletes a category, type or item: now, or, where many tickets are in it, as soon as a job has moved them out. Answers
 * whether it is gone. Throws 404 where there is none, 409 for the category that takes the tickets of others.
 */
export async function deleteEntry(db: Db, teamId: string, kind: 'category' | 'type' | 'item', entryId: string): Promise<boolean> {
  const { rows } = await sql<{ isGone: boolean }>`select private.delete_routing(${teamId}, ${kind}, ${entryId}) as "isGone"`.execute(db)
  return rows[0]!.isGone
}
