import type { Db } from '../../db/types'
import { deleteOrRefuse } from '../refusal'
import { requireVersion } from './version'

/** Deletes the ticket with its conversation and tags. With `version`, throws 412 (with the current row) when somebody changed it since. */
export async function deleteTicket(db: Db, teamId: string, ticketId: string, version?: number): Promise<void> {
  if (version !== undefined) {
    const held = await db
      .selectFrom('tickets')
      .select('version')
      .where('team_id', '=', teamId)
      .where('id', '=', ticketId)
      .forUpdate()
      .executeTakeFirst()
    await requireVersion(db, teamId, ticketId, { held, seen: [version] })
  }
  await deleteOrRefuse(db.deleteFrom('tickets').where('team_id', '=', teamId).where('id', '=', ticketId))
}
