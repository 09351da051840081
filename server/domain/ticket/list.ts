import { sql, type RawBuilder, type SqlBool } from 'kysely'
import {
  ticketPriorities,
  ticketStatuses,
  type TicketExport,
  type TicketFilter,
  type TicketQuery,
  type TicketSort,
  type TicketStatus
} from '#shared/schemas/ticket'
import { moment, uuid } from '#shared/schemas/text'
import { maxListBytes, maxListLength } from '#shared/schemas/page'
import type { CursorPage, Page, Ticket, TicketCounts } from '#shared/types/api'
import type { Db } from '../../db/types'
import { alphabetical } from '../order'
import type { FirstRows } from '../page'
import { Refusal } from '../refusal'
import { filterConditions } from './filter'
import { ticketRows } from './columns'

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
  snoozed_until: [sql`coalesce(ticket.snoozed_until, 'infinity')`, 'timestamptz'],
  subject: [alphabetical(sql`ticket.subject`), 'text'],
  category: [alphabetical(sql`ticket.category`), 'text'],
  requester_name: [alphabetical(sql`coalesce(ticket.requester_name, ticket.requester_email, '')`), 'text'],
  assignee_name: [alphabetical(sql`coalesce(assignee.full_name, '')`), 'text'],
  // U+FFFF comes after every other character (CLDR root collation): what has no tag stands behind what has.
  tags: [
    alphabetical(
      sql`coalesce((select string_agg(label.tag, ', ' order by label.tag collate "und-x-icu") from ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.id), ${'\uFFFF'})`
    ),
    'text'
  ]
} satisfies Record<TicketSort, [ReturnType<typeof sql>, string]>

/** The first matches in order: 1,000 of them at most, and 4 MB of descriptions. */
export async function listTickets(db: Db, teamId: string, userId: string, query: TicketQuery): Promise<FirstRows<Ticket>> {
  const found = await idsInOrder(db, teamId, userId, query)
    .select(sql<number>`octet_length(ticket.description)`.as('bytes'))
    .limit(maxListLength + 1)
    .execute()
  let bytes = 0
  const shown = found.slice(0, maxListLength).filter((row, index) => (bytes += row.bytes) <= maxListBytes || index === 0)
  return {
    rows: await ticketsByIds(
      db,
      teamId,
      shown.map(({ id }) => id)
    ),
    isTruncated: found.length > shown.length
  }
}

export async function pageTickets(db: Db, teamId: string, userId: string, query: TicketQuery & { page: number }): Promise<Page<Ticket>> {
  const { page, page_size } = query
  const shown = await idsInOrder(db, teamId, userId, query)
    // Words are looked up once; without them a count of its own reads less.
    .$if(Boolean(query.q), rows => rows.select(sql<number>`count(*) over ()::integer`.as('total')))
    .limit(page_size)
    .offset((page - 1) * page_size)
    .execute()
  const total = shown[0]?.total ?? (await totalOf(db, teamId, userId, query))
  return {
    data: await ticketsByIds(
      db,
      teamId,
      shown.map(({ id }) => id)
    ),
    total,
    page,
    page_size
  }
}

/** One page behind `cursor` (an empty cursor begins), and the cursor of the next. Throws 400 for a cursor that is not one of this list's. */
export async function scrollTickets(
  db: Db,
  teamId: string,
  userId: string,
  query: TicketQuery & { cursor: string }
): Promise<CursorPage<Ticket>> {
  const { sort, order, page_size, cursor } = query
  const [expression, type] = sorts[sort]
  const beyond = sql.raw(order === 'asc' ? '>' : '<')
  const after = cursor ? readCursor(cursor, sort, order) : undefined
  const rows = (condition: RawBuilder<SqlBool> | undefined, limit: number) =>
    orderedTickets(db, teamId, userId, query)
      .select([sql<string>`(${expression})::text`.as('cursor_value'), sql<string>`ticket.created_at::text`.as('cursor_created_at')])
      .$if(condition !== undefined, rows => rows.where(condition!))
      .limit(limit)
      .execute()
  const found =
    after && isTied(sort)
      ? // Each half is one range of an index: the rest of those that are tied, and what comes after them.
        await rows(
          sql`${expression} = ${after.value}::${sql.raw(type)} and (ticket.created_at, ticket.id) < (${after.createdAt}::timestamptz, ${after.id}::uuid)`,
          page_size + 1
        )
      : await rows(after && sql`(${expression}, ticket.id) ${beyond} (${after.value}::${sql.raw(type)}, ${after.id}::uuid)`, page_size + 1)
  if (after && isTied(sort) && found.length <= page_size)
    found.push(...(await rows(sql`${expression} ${beyond} ${after.value}::${sql.raw(type)}`, page_size + 1 - found.length)))
  const data = found.slice(0, page_size).map(({ cursor_value: _, cursor_created_at: __, ...ticket }) => ticket)
  const last = found.length > page_size ? found[page_size - 1] : undefined
  return {
    data,
    next_cursor: last
      ? Buffer.from(JSON.stringify([sort, order, last.cursor_value, last.cursor_created_at, last.id])).toString('base64url')
      : null
  }
}

/** How many tickets of each status match the rest of the filter. */
export async function countTickets(db: Db, teamId: string, userId: string, filter: TicketFilter): Promise<TicketCounts> {
  const rows = await db
    .selectFrom('tickets as ticket')
    .select(['ticket.status', sql<number>`count(*)::integer`.as('count')])
    .where('ticket.team_id', '=', teamId)
    .where(eb => filterConditions(eb, filter, { teamId, userId }))
    .groupBy('ticket.status')
    .execute()
  const counts = Object.fromEntries(ticketStatuses.map(status => [status, 0])) as TicketCounts
  for (const { status, count } of rows) counts[status as TicketStatus] = count
  return counts
}

/** The team's matching tickets in the order that is asked for. */
export function orderedTickets(db: Db, teamId: string, userId: string, query: TicketExport) {
  return ticketRows(db)
    .where('ticket.team_id', '=', teamId)
    .where(eb => filterConditions(eb as never, query, { teamId, userId }))
    .orderBy(orderOf(query))
}

// Which they are, without what they show: names and tags are then looked up for one page, not for all that is sorted.
function idsInOrder(db: Db, teamId: string, userId: string, query: TicketExport) {
  return db
    .selectFrom('tickets as ticket')
    .leftJoin('profiles as assignee', 'assignee.id', 'ticket.assigned_to')
    .select('ticket.id')
    .where('ticket.team_id', '=', teamId)
    .where(eb => filterConditions(eb as never, query, { teamId, userId }))
    .orderBy(orderOf(query))
}

async function ticketsByIds(db: Db, teamId: string, ids: string[]): Promise<Ticket[]> {
  if (ids.length === 0) return []
  const rows = await ticketRows(db).where('ticket.team_id', '=', teamId).where('ticket.id', 'in', ids).execute()
  const known = new Map(rows.map(row => [row.id, row]))
  return ids.flatMap(id => known.get(id) ?? [])
}

async function totalOf(db: Db, teamId: string, userId: string, filter: TicketFilter): Promise<number> {
  const { total } = await db
    .selectFrom('tickets as ticket')
    .select(sql<number>`count(*)::integer`.as('total'))
    .where('ticket.team_id', '=', teamId)
    .where(eb => filterConditions(eb, filter, { teamId, userId }))
    .executeTakeFirstOrThrow()
  return total
}

// Whatever the order, the newest of equals comes first.
function orderOf({ sort, order }: Pick<TicketExport, 'sort' | 'order'>) {
  const direction = sql.raw(order)
  const ties = isTied(sort) ? sql`ticket.created_at desc, ticket.id desc` : sql`ticket.id ${direction}`
  return sql`${sorts[sort][0]} ${direction}, ${ties}`
}

function isTied(sort: TicketSort): boolean {
  return sort !== 'created_at' && sort !== 'ticket_number'
}

function readCursor(cursor: string, sort: TicketSort, order: string): { value: string; createdAt: string; id: string } {
  const invalid = new Refusal(400, 'invalid', 'Not a cursor of this list', {
    issues: [{ path: 'cursor', message: 'Not a cursor of this list' }]
  })
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw invalid
  }
  if (
    !Array.isArray(parts) ||
    parts.length !== 5 ||
    !parts.every(part => typeof part === 'string' && !part.includes('\0') && part.isWellFormed())
  )
    throw invalid
  const [ofSort, ofOrder, value, createdAt, id] = parts as [string, string, string, string, string]
  if (ofSort !== sort || ofOrder !== order) throw invalid
  // As Postgres writes times: 2026-01-31 09:00:00.123456+00.
  const isTime = (text: string) => moment.safeParse(text.replace(' ', 'T').replace(/[+-]\d\d$/, '$&:00')).success
  const isOfSort = {
    timestamptz: isTime(value) || (sort === 'snoozed_until' && value === 'infinity'),
    integer: /^\d{1,9}$/.test(value),
    text: true
  }[sorts[sort][1]]
  if (!isOfSort || !isTime(createdAt) || !uuid.safeParse(id).success) throw invalid
  return { value, createdAt, id }
}
