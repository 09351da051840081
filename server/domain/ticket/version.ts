import type { Db } from '../../db/types'
import { Refusal, notFound } from '../refusal'
import { getTicket } from './get'

/** Throws 404 where no row was locked, and 412 with the current row where it has another version than somebody saw. */
export async function requireVersion(
  db: Db,
  teamId: string,
  ticketId: string,
  { held, seen }: { held: { version: number } | undefined; seen: (number | undefined)[] }
): Promise<void> {
  if (!held) throw notFound()
  if (seen.every(version => version === undefined || version === held.version)) return
  throw new Refusal(412, 'version', 'Somebody changed this ticket in the meantime', { current: await getTicket(db, teamId, ticketId) })
}
