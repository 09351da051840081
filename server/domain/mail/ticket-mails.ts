import { sql } from 'kysely'
import type { TicketMail } from '#shared/types/api'
import type { Db } from '../../db/types'
import { notFound } from '../refusal'

/** The mails about a ticket to its client, newest first, 100 at most: sent, waiting and suppressed ones with the reason. Throws 404. */
export async function listTicketMails(db: Db, teamId: string, ticketId: string): Promise<TicketMail[]> {
  const ticket = await db.selectFrom('tickets').select('id').where('team_id', '=', teamId).where('id', '=', ticketId).executeTakeFirst()
  if (!ticket) throw notFound()
  const { rows } = await sql<TicketMail>`select * from private.ticket_mails(${teamId}, ${ticketId})`.execute(db)
  return rows
}
