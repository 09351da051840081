import { sql } from 'kysely'
import { ticketPriorities, ticketStatuses, type TicketFilter, type TicketQuery, type TicketSort, type TicketStatus } from '#shared/schemas/ticket'
import type { CursorPage, Page, Ticket, TicketCounts } from '#shared/types/api'
import type { Db } from '../../db/types'
import { Refusal } from '../refusal'
import { matching } from './filter'
import { ticketRows } from './rows'

/** What a list without `page` answers at most: everything for most teams, and no more than a browser can bear. */
export const unpagedLimit = 1_000

// Each sortable column as an expression without nulls, and the type its cursor value is compared as.
const sorts = {
  created_at: [sql`ticket.created_at`, 'timestamptz'],
  updated_at: [sql`ticket.updated_at`, 'timestamptz'],
  last_activity_at: [sql`ticket.last_activity_at`, 'timestamptz'],
  ticket_number: [sql`ticket.ticket_number`, 'integer'],
  severity: [sql`ticket.severity`, 'integer'],
  reply_count: [sql`ticket.reply_count`, 'integer'],
  priority: [sql`array_position(${sql.lit(`{${ticketPriorities.join()}}`)}::text[], ticket.priority)`, 'integer'],
  status: [sql`array_position(${sql.lit(`{${ticketStatuses.join()}}`)}::text[], ticket.status)`, 'integer'],
  subject: [sql`lower(ticket.subject)`, 'text'],
  category: [sql`ticket.category`, 'text'],
  requester_name: [sql`lower(coalesce(ticket.requester_name, ticket.requester_email, ''))`, 'text'],
  assignee_name: [sql`lower(coalesce(assignee.full_name, ''))`, 'text']
} satisfies Record<TicketSort, [ReturnType<typeof sql>, string]>

/** All matches, the newest (or first in order) 1,000 of them; `truncated` says that there are more. */
export async function listTickets(db: Db, teamId: string, userId: string, query: TicketQuery): Promise<{ tickets: Ticket[], truncated: boolean }> {
  const rows = await inOrder(db, teamId, userId, query).limit(unpagedLimit + 1).execute()
  return { tickets: rows.slice(0, unpagedLimit), truncated: rows.length > unpagedLimit }
}

export async function pageTickets(db: Db, teamId: string, userId: string, query: TicketQuery & { page: number }): Promise<Page<Ticket>> {
  const { page, page_size } = query
  const data = await inOrder(db, teamId, userId, query).limit(page_size).offset((page - 1) * page_size).execute()
  const { total } = await db.selectFrom('tickets as ticket')
    .select(sql<number>`count(*)::integer`.as('total'))
    .where('ticket.team_id', '=', teamId).where(eb => matching(eb, query, userId))
    .executeTakeFirstOrThrow()
  return { data, total, page, page_size }
}

/** One page behind `cursor` (an empty cursor begins), and the cursor of the next. Throws 400 for a cursor that is not one of this list's. */
export async function scrollTickets(db: Db, teamId: string, userId: string, query: TicketQuery & { cursor: string }): Promise<CursorPage<Ticket>> {
  const { sort, order, page_size, cursor } = query
  const [expression, type] = sorts[sort]
  const after = cursor ? readCursor(cursor, sort, order) : undefined
  const rows = await inOrder(db, teamId, userId, query)
    .select(sql<string>`(${expression})::text`.as('cursor_value'))
    .$if(after !== undefined, rows => rows.where(sql<boolean>`(${expression}, ticket.id) ${sql.raw(order === 'asc' ? '>' : '<')} (${after?.value}::${sql.raw(type)}, ${after?.id}::uuid)`))
    .limit(page_size + 1).execute()
  const data = rows.slice(0, page_size).map(({ cursor_value: _, ...ticket }) => ticket)
  const last = rows[page_size - 1]
  return { data, next_cursor: last && rows.length > page_size ? Buffer.from(JSON.stringify([sort, order, last.cursor_value, last.id])).toString('base64url') : null }
}

/** How many tickets of each status match the rest of the filter. */
export async function countTickets(db: Db, teamId: string, userId: string, filter: TicketFilter): Promise<TicketCounts> {
  const rows = await db.selectFrom('tickets as ticket')
    .select(['ticket.status', sql<number>`count(*)::integer`.as('count')])
    .where('ticket.team_id', '=', teamId).where(eb => matching(eb, filter, userId))
    .groupBy('ticket.status').execute()
  const counts = Object.fromEntries(ticketStatuses.map(status => [status, 0])) as TicketCounts
  for (const { status, count } of rows) counts[status as TicketStatus] = count
  return counts
}

function inOrder(db: Db, teamId: string, userId: string, query: TicketQuery) {
  const direction = sql.raw(query.order)
  return ticketRows(db)
    .where('ticket.team_id', '=', teamId)
    .where(eb => matching(eb as never, query, userId))
    .orderBy(sql`${sorts[query.sort][0]} ${direction}, ticket.id ${direction}`)
}

function readCursor(cursor: string, sort: TicketSort, order: string): { value: string, id: string } {
  const invalid = new Refusal(400, 'invalid', 'Not a cursor of this list', { issues: [{ path: 'cursor', message: 'Not a cursor of this list' }] })
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw invalid
  }
  if (!Array.isArray(parts) || parts.length !== 4 || parts[0] !== sort || parts[1] !== order || typeof parts[2] !== 'string' || typeof parts[3] !== 'string' || parts[2].includes('\0')) throw invalid
  return { value: parts[2], id: parts[3] }
}
