import { sql } from 'kysely'
import type { PortalListQuery, PortalRating, PortalTicketCreate } from '#shared/schemas/portal'
import type { PortalFile, PortalReply, PortalTicket, PortalTicketRow } from '#shared/types/portal'
import type { Db } from '../../db/types'
import type { UnscannedPolicy } from '../attachment/attachment'

const pageSize = 25
const maxWords = 8

/** One page of the client's tickets. `nextPage` is the `after` of the next one. Throws 404 for everybody but clients of the team. */
export async function listPortalTickets(
  db: Db,
  teamId: string,
  { state, category, q, after }: PortalListQuery
): Promise<{ tickets: PortalTicketRow[]; nextPage: string | null }> {
  const place = after === null ? null : JSON.stringify(after.split(':'))
  const { rows } = await sql<PortalTicketRow & { place: unknown[] }>`
    select * from portal.tickets(
      ${teamId}, ${state}, ${category}, ${searchWords(q)}::text[], ${place}::jsonb, ${pageSize + 1}
    )`.execute(db)
  const last = rows.length > pageSize ? rows[pageSize - 1]! : undefined
  return {
    tickets: rows.slice(0, pageSize).map(({ place: _, ...row }) => row),
    nextPage: last ? last.place.join(':') : null
  }
}

/** A ticket with its public replies, oldest first. Throws 404 for a ticket that the client does not take part in. */
export async function getPortalTicket(db: Db, teamId: string, number: number): Promise<{ ticket: PortalTicket; replies: PortalReply[] }> {
  const ticket = await requirePortalTicket(db, teamId, number)
  const replies = await sql<PortalReply>`select * from portal.conversation(${teamId}, ${number})`.execute(db)
  return { ticket, replies: replies.rows }
}

/** A ticket without its replies. Throws 404 for a ticket that the client does not take part in. */
export async function requirePortalTicket(db: Db, teamId: string, number: number): Promise<PortalTicket> {
  const { rows } = await sql<PortalTicket>`select * from portal.ticket(${teamId}, ${number})`.execute(db)
  return rows[0]!
}

/** The client has the ticket before them, as it is in this transaction. */
export async function markPortalTicketRead(db: Db, teamId: string, number: number): Promise<void> {
  await sql`select portal.mark_read(${teamId}, ${number})`.execute(db)
}

/** A file of a ticket, to be sent. Throws 404, also for a file of a note, and 409 `attachment_unscanned`. */
export async function getPortalFile(
  db: Db,
  teamId: string,
  { number, fileId, unscanned }: { number: number; fileId: string; unscanned: UnscannedPolicy }
): Promise<PortalFile & { team_id: string }> {
  const { rows } = await sql<PortalFile>`select * from portal.file(${teamId}, ${number}, ${fileId}, ${unscanned})`.execute(db)
  return { ...rows[0]!, team_id: teamId }
}

/**
 * Creates a ticket and returns its number. If the client wrote one with the same subject within ten minutes and has not confirmed, it
 * returns that one with its age in seconds instead. Throws 422 `priority_refused` for a priority if the team lets clients choose none.
 */
export async function createPortalTicket(
  db: Db,
  teamId: string,
  { subject, description, category, project_id, priority, confirmed }: PortalTicketCreate
): Promise<{ number: number } | { similar: { number: number; seconds: number } }> {
  const { rows } = await sql<{ ticket_number: number | null; similar_number: number; similar_age: number }>`
    select * from portal.create_ticket(
      ${teamId}, ${subject}, ${description}, ${category}, ${confirmed}, ${project_id}, ${priority}
    )`.execute(db)
  const { ticket_number: number, similar_number, similar_age } = rows[0]!
  return number === null ? { similar: { number: similar_number, seconds: similar_age } } : { number }
}

/** Writes a reply of the client and returns its id. Throws 409 `ticket_closed`. */
export async function createPortalReply(db: Db, teamId: string, number: number, content: string): Promise<string> {
  const { rows } = await sql<{ id: string }>`select portal.reply(${teamId}, ${number}, ${content}) as id`.execute(db)
  return rows[0]!.id
}

/** Marks a ticket as resolved, at the wish of the client. */
export async function closePortalTicket(db: Db, teamId: string, number: number): Promise<void> {
  await sql`select portal.close(${teamId}, ${number})`.execute(db)
}

/** Opens a resolved ticket again. Throws 409 `ticket_closed`. */
export async function reopenPortalTicket(db: Db, teamId: string, number: number): Promise<void> {
  await sql`select portal.reopen(${teamId}, ${number})`.execute(db)
}

/** Continues a closed ticket in a new one, and returns its number. Throws 409 `ticket_open`. */
export async function followUpPortalTicket(db: Db, teamId: string, number: number, content: string): Promise<number> {
  const { rows } = await sql<{ number: number }>`select portal.follow_up(${teamId}, ${number}, ${content}) as number`.execute(db)
  return rows[0]!.number
}

/** Rates a resolved ticket, or changes the rating. Throws 404 for a client who was not asked, 409 `rating_final` after 7 days. */
export async function ratePortalTicket(db: Db, teamId: string, number: number, { score, comment }: PortalRating): Promise<void> {
  await sql`select portal.rate(${teamId}, ${number}, ${score}::integer, ${comment})`.execute(db)
}

function searchWords(q: string): string[] {
  return q.split(/\s+/).filter(Boolean).slice(0, maxWords)
}
