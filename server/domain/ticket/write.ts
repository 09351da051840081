import type { TicketCreate, TicketUpdate } from '#shared/schemas/ticket'
import type { Ticket } from '#shared/types/api'
import type { Db } from '../../db/types'
import { Refusal, notFound } from '../refusal'
import { getTicket } from './get'

/**
 * Creates a ticket in the caller's name, with its tags, in one transaction. The number comes from the team's counter.
 * Throws 403 where `assigned_to` or a closed status needs a permission that the caller lacks, 400 for an unknown
 * category or assignee.
 */
export async function createTicket(db: Db, teamId: string, userId: string, { tags, ...fields }: TicketCreate): Promise<Ticket> {
  const { id } = await db.insertInto('tickets').values({ ...fields, team_id: teamId, created_by: userId }).returning('id').executeTakeFirstOrThrow()
  await addTags(db, teamId, id, tags)
  return getTicket(db, teamId, id)
}

/**
 * Changes what is given and nothing else. With a `version`, in the changes or beside them, throws 412 (with the current
 * row) when somebody changed the ticket since. Throws 403 for an assignment or closing beyond the caller's role, 422 for a status that cannot follow, or
 * for tags added beyond what a ticket can have.
 */
export async function updateTicket(db: Db, teamId: string, ticketId: string, { tags, add_tags, remove_tags, version: seen, ...changes }: TicketUpdate, version?: number): Promise<Ticket> {
  // Locking first makes the version check and the write one step.
  const held = await db.selectFrom('tickets').select('version').where('team_id', '=', teamId).where('id', '=', ticketId).forNoKeyUpdate().executeTakeFirst()
  await requireVersion(db, teamId, ticketId, held, [seen, version])
  if (Object.keys(changes).length > 0) await db.updateTable('tickets').set(changes).where('team_id', '=', teamId).where('id', '=', ticketId).execute()
  if (tags) await replaceTags(db, teamId, ticketId, tags)
  if (remove_tags?.length) await db.deleteFrom('ticket_tags').where('team_id', '=', teamId).where('ticket_id', '=', ticketId).where('tag', 'in', remove_tags).execute()
  if (add_tags) await addTags(db, teamId, ticketId, add_tags)
  const ticket = await getTicket(db, teamId, ticketId)
  requireRoute(ticket, changes)
  return ticket
}

/** Deletes the ticket with its conversation and tags. With `version`, throws 412 (with the current row) when somebody changed it since. */
export async function deleteTicket(db: Db, teamId: string, ticketId: string, version?: number): Promise<void> {
  if (version !== undefined) {
    const held = await db.selectFrom('tickets').select('version').where('team_id', '=', teamId).where('id', '=', ticketId).forUpdate().executeTakeFirst()
    await requireVersion(db, teamId, ticketId, held, [version])
  }
  const { numDeletedRows } = await db.deleteFrom('tickets').where('team_id', '=', teamId).where('id', '=', ticketId).executeTakeFirst()
  if (numDeletedRows === 0n) throw notFound()
}

// The database lets go of a type or an item that belongs to what was left, whether or not it was given anew: it cannot tell.
function requireRoute(ticket: Ticket, { type_id, item_id }: Pick<TicketUpdate, 'type_id' | 'item_id'>): void {
  const refuse = (path: string, message: string) => new Refusal(400, 'invalid', message, { issues: [{ path, message }] })
  if (type_id && ticket.type_id !== type_id.toLowerCase()) throw refuse('type_id', 'Not a type of this category')
  if (item_id && ticket.item_id !== item_id.toLowerCase()) throw refuse('item_id', 'Not an item of this type')
}

async function requireVersion(db: Db, teamId: string, ticketId: string, held: { version: number } | undefined, seen: (number | undefined)[]): Promise<void> {
  if (!held) throw notFound()
  if (seen.every(version => version === undefined || version === held.version)) return
  throw new Refusal(412, 'version', 'Somebody changed this ticket in the meantime', { current: await getTicket(db, teamId, ticketId) })
}

async function replaceTags(db: Db, teamId: string, ticketId: string, tags: string[]): Promise<void> {
  const stale = db.deleteFrom('ticket_tags').where('team_id', '=', teamId).where('ticket_id', '=', ticketId)
  await (tags.length > 0 ? stale.where('tag', 'not in', tags) : stale).execute()
  await addTags(db, teamId, ticketId, tags)
}

async function addTags(db: Db, teamId: string, ticketId: string, tags: string[]): Promise<void> {
  if (tags.length === 0) return
  await db.insertInto('ticket_tags')
    .values(tags.map(tag => ({ team_id: teamId, ticket_id: ticketId, tag })))
    .onConflict(conflict => conflict.columns(['team_id', 'ticket_id', 'tag']).doNothing())
    .execute()
}
