import { sql } from 'kysely'
import { ticket, type Ticket } from '#shared/schemas/answers/ticket'
import type { Db } from '../../db/types'

const columns = (Object.keys(ticket.shape) as (keyof Ticket)[]).filter(name => name !== 'read_at').map(name => `ticket.${name}` as const)

/** Until when the caller has read a ticket. What was written before they joined the team counts as read. */
export const readAt = sql<string | null>`(
  select greatest(member.joined_at, (
    select mark.read_at from ticket_reads as mark
    where mark.team_id = ticket.team_id and mark.ticket_id = ticket.id and mark.user_id = member.user_id
  ))
  from team_members as member where member.team_id = ticket.team_id and member.user_id = (select auth.uid())
)`

/** Tickets as every route answers them to its caller. */
export function ticketRows(db: Db) {
  return sharedTicketRows(db).select(readAt.as('read_at'))
}

/** Tickets without what each caller has read. `private.ticket_row()` reads the same view for realtime and webhooks. */
export function sharedTicketRows(db: Db) {
  return db.selectFrom(ticketView).select(columns)
}

/** For the `from` of a query. Postgres skips the view's joins whose columns the query does not read. */
export const ticketView = sql<Ticket & { search: string }>`private.ticket_rows`.as('ticket')
