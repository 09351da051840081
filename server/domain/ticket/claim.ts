import type { Ticket } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { Refusal } from '../refusal'
import { getTicket } from './get'

/** Takes an unassigned ticket; taking one's own again changes nothing. Throws 409 when somebody else has it. */
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
    throw new Refusal(409, 'assigned', `${ticket.assignee_name ?? 'Somebody'} has this ticket already`, { current: ticket })
  return ticket
}

/** Gives one's own ticket back; one that nobody has stays so. Throws 409 when it is somebody else's. */
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
    throw new Refusal(409, 'assigned', `This ticket is ${ticket.assignee_name ?? 'somebody else'}'s`, { current: ticket })
  return ticket
}
