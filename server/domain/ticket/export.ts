import { sql } from 'kysely'
import type { TicketExport } from '#shared/schemas/ticket'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { orderedTickets } from './list'

type Cell = string | number | null

const chunkSize = 100 // rows that the process holds at a time

export const exportColumns = [
  'id',
  'number',
  'subject',
  'description',
  'format',
  'status',
  'priority',
  'severity',
  'category',
  'type',
  'item',
  'tags',
  'requester_name',
  'requester_email',
  'assignee',
  'channel',
  'replies',
  'created_at',
  'updated_at',
  'first_response_at',
  'resolved_at',
  'closed_at',
  'snoozed_until'
] as const

/** Streams the tickets of the list, in its order, as cells of `exportColumns`. With `limit`, it yields that many in any order. */
export async function* exportTickets(db: Db, caller: Caller, query: TicketExport, limit?: number): AsyncGenerator<Cell[]> {
  const rows = orderedTickets(db, caller, query)
    .clearSelect()
    .select([
      'ticket.id',
      'ticket.ticket_number',
      'ticket.subject',
      'ticket.description',
      'ticket.format',
      'ticket.status',
      'ticket.priority',
      'ticket.severity',
      'ticket.category_name as category',
      'ticket.type_name as type',
      'ticket.item_name as item',
      sql<string>`(select string_agg(label.tag, ', ' order by label.tag collate "und-x-icu") from ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.id)`.as(
        'tags'
      ),
      'ticket.requester_name',
      'ticket.requester_email',
      'ticket.assignee_name',
      'ticket.channel',
      'ticket.reply_count',
      'ticket.created_at',
      'ticket.updated_at',
      'ticket.first_response_at',
      'ticket.resolved_at',
      'ticket.closed_at',
      'ticket.snoozed_until'
    ])
    .$if(limit !== undefined, rows => rows.clearOrderBy().limit(limit!))
  for await (const row of rows.stream(chunkSize)) yield Object.values(row)
}
