import type { Ticket } from '#shared/types/api'
import type { Db } from '../../db/types'
import { notFound } from '../refusal'
import { ticketRows } from './columns'

/** One ticket by id, or by its number where `key` is one; 404 for another team's as for one that never was. */
export async function getTicket(db: Db, teamId: string, key: string | number): Promise<Ticket> {
  const rows = ticketRows(db).where('ticket.team_id', '=', teamId)
  const ticket = await (
    typeof key === 'number' ? rows.where('ticket.ticket_number', '=', key) : rows.where('ticket.id', '=', key)
  ).executeTakeFirst()
  if (!ticket) throw notFound()
  return ticket
}

/** Throws 404 for a ticket that is not there for the caller. Whoever may see it may not always lock it: a plain read. */
export async function requireTicket(db: Db, teamId: string, ticketId: string): Promise<void> {
  const ticket = await db.selectFrom('tickets').select('id').where('team_id', '=', teamId).where('id', '=', ticketId).executeTakeFirst()
  if (!ticket) throw notFound()
}
