import type { TicketUpdate } from '#shared/schemas/ticket'
import type { Ticket } from '#shared/types/api'
import type { Db } from '../../db/types'
import { Refusal } from '../refusal'
import { getTicket } from './get'
import { addTags, replaceTags } from './tags'
import { lockVersion } from './version'

/**
 * Changes what is given and nothing else. With a `version`, in the changes or beside them, throws 412 (with the current
 * row) when somebody changed the ticket since. Throws 403 for an assignment or closing beyond the caller's role, 422 for a status that cannot follow, or
 * for tags added beyond what a ticket can have.
 */
export async function updateTicket(
  db: Db,
  teamId: string,
  ticketId: string,
  { tags, add_tags, remove_tags, version: seen, ...changes }: TicketUpdate,
  version?: number
): Promise<Ticket> {
  await lockVersion(db, teamId, ticketId, { seen: [seen, version], lock: 'no key update' })
  if (Object.keys(changes).length > 0)
    await db.updateTable('tickets').set(changes).where('team_id', '=', teamId).where('id', '=', ticketId).execute()
  if (tags) await replaceTags(db, teamId, ticketId, tags)
  if (remove_tags?.length)
    await db
      .deleteFrom('ticket_tags')
      .where('team_id', '=', teamId)
      .where('ticket_id', '=', ticketId)
      .where('tag', 'in', remove_tags)
      .execute()
  if (add_tags) await addTags(db, teamId, ticketId, add_tags)
  const ticket = await getTicket(db, teamId, ticketId)
  requireRoute(ticket, changes)
  return ticket
}

// The database lets go of a type or an item that belongs to what was left, whether or not it was given anew: it cannot tell.
function requireRoute(ticket: Ticket, { type_id, item_id }: Pick<TicketUpdate, 'type_id' | 'item_id'>): void {
  const refuse = (path: string, message: string) => new Refusal(400, 'invalid', message, { issues: [{ path, message }] })
  if (type_id && ticket.type_id !== type_id.toLowerCase()) throw refuse('type_id', 'Not a type of this category')
  if (item_id && ticket.item_id !== item_id.toLowerCase()) throw refuse('item_id', 'Not an item of this type')
}
