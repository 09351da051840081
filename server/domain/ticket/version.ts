import type { Db } from '../../db/types'
import { Refusal, notFound } from '../refusal'
import { getTicket } from './get'

interface VersionLock {
  /** The versions that the caller sent; undefined ones are not checked. */
  seen: (number | undefined)[]
  /** `update` for a deletion: it also waits for inserts that refer to the row. */
  lock: 'update' | 'no key update'
}

/** Locks the row of a ticket until its change commits. Throws 404, and 412 with the current row when it has another version. */
export async function lockVersion(db: Db, teamId: string, ticketId: string, { seen, lock }: VersionLock): Promise<void> {
  const held = await db
    .selectFrom('tickets')
    .select('version')
    .where('team_id', '=', teamId)
    .where('id', '=', ticketId)
    .$call(query => (lock === 'update' ? query.forUpdate() : query.forNoKeyUpdate()))
    .executeTakeFirst()
  if (!held) throw notFound()
  if (seen.every(version => version === undefined || version === held.version)) return
  throw new Refusal(412, 'version', 'Somebody changed this ticket in the meantime', { current: await getTicket(db, teamId, ticketId) })
}
