import { sql } from 'kysely'
import {
  ticketPriorities,
  ticketStatuses,
  type TicketExport,
  type TicketFilter,
  type TicketQuery,
  type TicketSort,
  type TicketStatus
} from '#shared/schemas/ticket'
import { maxListBytes, maxListLength } from '#shared/schemas/page'
import type { CursorPage, Page, Ticket, TicketCounts } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { alphabetical } from '../order'
import { pageBehind, type CursorKey, type FirstRows } from '../page'
import { dueAt } from './due'
import { filterConditions } from './filter'
import { ticketRows, ticketView } from './columns'

const sorts = {
  created_at: [sql`ticket.created_at`, 'timestamptz'],
  updated_at: [sql`ticket.updated_at`, 'timestamptz'],
  last_activity_at: [sql`ticket.last_activity_at`, 'timestamptz'],
  last_message_at: [sql`ticket.last_message_at`, 'timestamptz'],
  ticket_number: [sql`ticket.ticket_number`, 'integer'],
  severity: [sql`ticket.severity`, 'integer'],
  reply_count: [sql`ticket.reply_count`, 'integer'],
  priority: [sql`array_position(${sql.lit(`{${ticketPriorities.join()}}`)}::text[], ticket.priority)`, 'integer'],
  status: [sql`array_position(${sql.lit(`{${ticketStatuses.join()}}`)}::text[], ticket.status)`, 'integer'],
  snoozed_until: [sql`coalesce(ticket.snoozed_until, 'infinity')`, 'timestamptz'],
  due_at: [dueAt, 'timestamptz'],
  subject: [alphabetical(sql`ticket.subject`), 'text'],
  category: [alphabetical(sql`ticket.category`), 'text'],
  requester_name: [alphabetical(sql`coalesce(ticket.requester_name, ticket.requester_email, '')`), 'text'],
  assignee_name: [alphabetical(sql`coalesce(ticket.assignee_name, '')`), 'text'],
  // U+FFFF sorts after every other character (CLDR root collation), so tickets without tags come last.
  tags: [
    alphabetical(
      sql`coalesce((select string_agg(label.tag, ', ' order by label.tag collate "und-x-icu") from ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.id), ${'\uFFFF'})`
    ),
    'text'
  ]
} satisfies Record<TicketSort, [CursorKey['of'], CursorKey['type']]>

/** The first matches: at most 1,000, and at most 4 MB of descriptions. */
export async function listTickets(db: Db, caller: Caller, query: TicketQuery): Promise<FirstRows<Ticket>> {
  const found = await idsInOrder(db, caller, query)
    .select(sql<number>`octet_length(ticket.description)`.as('bytes'))
    .limit(maxListLength + 1)
    .execute()
  let bytes = 0
  const shown = found.slice(0, maxListLength).filter((row, index) => (bytes += row.bytes) <= maxListBytes || index === 0)
  return {
    rows: await ticketsByIds(
      db,
      caller.teamId,
      shown.map(({ id }) => id)
    ),
    isTruncated: found.length > shown.length
  }
}

export async function pageTickets(db: Db, caller: Caller, query: TicketQuery & { page: number }): Promise<Page<Ticket>> {
  const { page, page_size } = query
  const shown = await idsInOrder(db, caller, query)
    // A search must look up words only once; without words a separate count reads less.
    .$if(Boolean(query.q), rows => rows.select(sql<number>`count(*) over ()::integer`.as('total')))
    .limit(page_size)
    .offset((page - 1) * page_size)
    .execute()
  const total = shown[0]?.total ?? (await totalOf(db, caller, query))
  return {
    data: await ticketsByIds(
      db,
      caller.teamId,
      shown.map(({ id }) => id)
    ),
    total,
    page,
    page_size
  }
}

/** The page after `cursor`; an empty cursor means the first page. Throws 400 for a cursor of another list. */
export function scrollTickets(db: Db, caller: Caller, query: TicketQuery & { cursor: string }): Promise<CursorPage<Ticket>> {
  const { sort, order, page_size, cursor } = query
  const [of, type] = sorts[sort]
  const created: CursorKey = { of: sql`ticket.created_at`, type: 'timestamptz' }
  const id: CursorKey = { of: sql`ticket.id`, type: 'uuid' }
  const keys = isTied(sort) ? { by: [{ of, type }], ties: [created, id] } : { by: [{ of, type }, id] }
  return pageBehind(orderedTickets(db, caller, query), { ...keys, order, list: [sort, order], cursor, size: page_size })
}

export async function countTickets(db: Db, caller: Caller, filter: TicketFilter): Promise<TicketCounts> {
  const rows = await db
    .selectFrom('tickets as ticket')
    .select(['ticket.status', sql<number>`count(*)::integer`.as('count')])
    .where('ticket.team_id', '=', caller.teamId)
    .where(eb => filterConditions(eb, filter, caller))
    .groupBy('ticket.status')
    .execute()
  const counts = Object.fromEntries(ticketStatuses.map(status => [status, 0])) as TicketCounts
  for (const { status, count } of rows) counts[status as TicketStatus] = count
  return counts
}

export function orderedTickets(db: Db, caller: Caller, query: TicketExport) {
  return ticketRows(db)
    .where('ticket.team_id', '=', caller.teamId)
    .where(eb => filterConditions(eb as never, query, caller))
    .orderBy(orderOf(query))
}

// Selects ids only, so that names and tags are looked up for one page instead of for all sorted tickets.
function idsInOrder(db: Db, caller: Caller, query: TicketExport) {
  return db
    .selectFrom(ticketView)
    .select('ticket.id')
    .where('ticket.team_id', '=', caller.teamId)
    .where(eb => filterConditions(eb as never, query, caller))
    .orderBy(orderOf(query))
}

async function ticketsByIds(db: Db, teamId: string, ids: string[]): Promise<Ticket[]> {
  if (ids.length === 0) return []
  const rows = await ticketRows(db).where('ticket.team_id', '=', teamId).where('ticket.id', 'in', ids).execute()
  const known = new Map(rows.map(row => [row.id, row]))
  return ids.flatMap(id => known.get(id) ?? [])
}

async function totalOf(db: Db, caller: Caller, filter: TicketFilter): Promise<number> {
  const { total } = await db
    .selectFrom('tickets as ticket')
    .select(sql<number>`count(*)::integer`.as('total'))
    .where('ticket.team_id', '=', caller.teamId)
    .where(eb => filterConditions(eb, filter, caller))
    .executeTakeFirstOrThrow()
  return total
}

// Tied tickets come newest first, in either direction.
function orderOf({ sort, order }: Pick<TicketExport, 'sort' | 'order'>) {
  const direction = sql.raw(order)
  const ties = isTied(sort) ? sql`ticket.created_at desc, ticket.id desc` : sql`ticket.id ${direction}`
  return sql`${sorts[sort][0]} ${direction}, ${ties}`
}

function isTied(sort: TicketSort): boolean {
  return sort !== 'created_at' && sort !== 'ticket_number'
}
