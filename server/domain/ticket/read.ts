import type { Ticket } from '#shared/types/api'
import type { Db } from '../../db/types'
import { notFound } from '../refusal'
import { ticketRows } from './rows'

/** One ticket by id, or by its number where `key` is one; 404 for another team's as for one that never was. */
export async function getTicket(db: Db, teamId: string, key: string | number): Promise<Ticket> {
  const rows = ticketRows(db).where('ticket.team_id', '=', teamId)
  const ticket = await (typeof key === 'number' ? rows.where('ticket.ticket_number', '=', key) : rows.where('ticket.id', '=', key)).executeTakeFirst()
  if (!ticket) throw notFound()
  return ticket
}
