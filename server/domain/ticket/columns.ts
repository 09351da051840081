import { sql } from 'kysely'
import { ticket, type Ticket } from '#shared/schemas/answers/ticket'
import type { Db } from '../../db/types'

const columns = (Object.keys(ticket.shape) as (keyof Ticket)[]).map(name => `ticket.${name}` as const)

/** Tickets as every route answers them. `private.ticket_row()` reads the same view for realtime and webhooks. */
export function ticketRows(db: Db) {
  return db.selectFrom(ticketView).select(columns)
}

/** For the `from` of a query. Postgres skips the view's joins whose columns the query does not read. */
export const ticketView = sql<Ticket & { search: string }>`private.ticket_rows`.as('ticket')
