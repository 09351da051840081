import type { Ticket } from '#shared/types/api'
import type { Db } from '../../db/types'
import { notFound } from '../refusal'
import { ticketRows } from './columns'

export async function getTicket(db: Db, teamId: string, key: string | number): Promise<Ticket> {
  const rows = ticketRows(db).where('ticket.team_id', '=', teamId)
  const ticket = await (
    typeof key === 'number' ? rows.where('ticket.ticket_number', '=', key) : rows.where('ticket.id', '=', key)
  ).executeTakeFirst()
  if (!ticket) throw notFound()
  return ticket
}

/** Throws 404 for an unknown ticket. Does not lock the row, because not everybody who may read it may lock it. */
export async function requireTicket(db: Db, teamId: string, ticketId: string): Promise<void> {
  const ticket = await db.selectFrom('tickets').select('id').where('team_id', '=', teamId).where('id', '=', ticketId).executeTakeFirst()
  if (!ticket) throw notFound()
}
