import { sql } from 'kysely'
import type { Db } from '../../db/types'

/**
 * Deletes a category, type or item. When it has more than 200 tickets, a job moves them out before it is deleted. Returns whether it is
 * deleted already. Throws 404, and 409 for the category that takes the tickets of deleted ones.
 */
export async function deleteEntry(db: Db, teamId: string, kind: 'category' | 'type' | 'item', entryId: string): Promise<boolean> {
  const { rows } = await sql<{ isGone: boolean }>`select private.delete_routing(${teamId}, ${kind}, ${entryId}) as "isGone"`.execute(db)
  return rows[0]!.isGone
}
