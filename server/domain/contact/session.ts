import { sql } from 'kysely'
import type { EndedSessions } from '#shared/types/api'
import type { Db } from '../../db/types'

/**
 * Signs a contact out of the portal: their ticket sessions, the links in mails that begin others, and all sessions of their account for
 * this team.
 */
export async function endContactSessions(db: Db, teamId: string, contactId: string): Promise<EndedSessions> {
  const { rows } = await sql<EndedSessions>`select * from private.end_contact_sessions(${teamId}, ${contactId})`.execute(db)
  return rows[0]!
}
