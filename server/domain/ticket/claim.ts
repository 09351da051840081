import type { Ticket } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { Refusal } from '../refusal'
import { getTicket } from './get'

export async function claimTicket(db: Db, { teamId, userId }: Caller, ticketId: string): Promise<Ticket> {
  await db
    .updateTable('tickets')
    .set({ assigned_to: userId })
    .where('team_id', '=', teamId)
    .where('id', '=', ticketId)
    .where('assigned_to', 'is', null)
    .execute()
  const ticket = await getTicket(db, teamId, ticketId)
  if (ticket.assigned_to !== userId)
    throw new Refusal(409, 'assigned', `${ticket.assignee_name ?? 'Somebody'} already has this ticket`, { current: ticket })
  return ticket
}

export async function releaseTicket(db: Db, { teamId, userId }: Caller, ticketId: string): Promise<Ticket> {
  await db
    .updateTable('tickets')
    .set({ assigned_to: null })
    .where('team_id', '=', teamId)
    .where('id', '=', ticketId)
    .where('assigned_to', '=', userId)
    .execute()
  const ticket = await getTicket(db, teamId, ticketId)
  if (ticket.assigned_to !== null)
    throw new Refusal(409, 'assigned', `${ticket.assignee_name ?? 'Somebody else'} has this ticket`, { current: ticket })
  return ticket
}
