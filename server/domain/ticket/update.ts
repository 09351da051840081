import type { TicketUpdate } from '#shared/schemas/ticket'
import type { Ticket } from '#shared/types/api'
import type { Db } from '../../db/types'
import { Refusal } from '../refusal'
import { getTicket } from './get'
import { addTags, replaceTags } from './tags'
import { lockVersion } from './version'

/**
 * Changes the given fields. With a `version`, in the changes or as the last argument, throws 412 (with the current row) when somebody has
 * changed the ticket since. Throws 403 for an assignment or closing that the caller's role does not allow, 422 for an invalid status
 * transition and for too many tags.
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
  requireCategoryPath(ticket, changes)
  return ticket
}

// A trigger clears a type or item that does not belong to the new category or type. It cannot know whether the request asked for it.
function requireCategoryPath(ticket: Ticket, { type_id, item_id }: Pick<TicketUpdate, 'type_id' | 'item_id'>): void {
  const refuse = (path: string, message: string) => new Refusal(400, 'invalid', message, { issues: [{ path, message }] })
  if (type_id && ticket.type_id !== type_id.toLowerCase()) throw refuse('type_id', 'Not a type of this category')
  if (item_id && ticket.item_id !== item_id.toLowerCase()) throw refuse('item_id', 'Not an item of this type')
}
