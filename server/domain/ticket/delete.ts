import type { Db } from '../../db/types'
import { deleteOrRefuse } from '../refusal'
import { lockVersion } from './version'

/** With `version`, throws 412 (with the current row) when somebody has changed the ticket since. */
export async function deleteTicket(db: Db, teamId: string, ticketId: string, version?: number): Promise<void> {
  if (version !== undefined) await lockVersion(db, teamId, ticketId, { seen: [version], lock: 'update' })
  await deleteOrRefuse(db.deleteFrom('tickets').where('team_id', '=', teamId).where('id', '=', ticketId))
}
