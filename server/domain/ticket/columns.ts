import { sql } from 'kysely'
import type { TicketPriority, TicketStatus } from '#shared/schemas/ticket'
import type { TextFormat } from '#shared/text-format'
import type { Person } from '#shared/types/api'
import type { Db } from '../../db/types'

/** Tickets as every route answers them; `private.ticket_row()` builds the same row for realtime. */
export function ticketRows(db: Db) {
  return db
    .selectFrom('tickets as ticket')
    .leftJoin('profiles as assignee', 'assignee.id', 'ticket.assigned_to')
    .leftJoin('ticket_categories as category', join =>
      join.onRef('category.team_id', '=', 'ticket.team_id').onRef('category.key', '=', 'ticket.category')
    )
    .leftJoin('ticket_types as type', join => join.onRef('type.team_id', '=', 'ticket.team_id').onRef('type.id', '=', 'ticket.type_id'))
    .leftJoin('ticket_items as item', join => join.onRef('item.team_id', '=', 'ticket.team_id').onRef('item.id', '=', 'ticket.item_id'))
    .select([
      'ticket.id',
      'ticket.team_id',
      'ticket.ticket_number',
      'ticket.subject',
      'ticket.description',
      'ticket.severity',
      'ticket.category',
      'ticket.type_id',
      'ticket.item_id',
      'ticket.channel',
      'ticket.assigned_to',
      'ticket.snoozed_until',
      'ticket.snoozed_by',
      'ticket.requester_email',
      'ticket.requester_name',
      'ticket.resolved_at',
      'ticket.closed_at',
      'ticket.first_response_at',
      'ticket.last_activity_at',
      'ticket.created_by',
      'ticket.created_at',
      'ticket.updated_at',
      'ticket.reply_count',
      'ticket.version',
      'assignee.full_name as assignee_name',
      'type.name as type_name',
      'item.name as item_name'
    ])
    .select(eb => [
      eb.ref('ticket.status').$castTo<TicketStatus>().as('status'),
      eb.ref('ticket.priority').$castTo<TicketPriority>().as('priority'),
      eb.ref('ticket.format').$castTo<TextFormat>().as('format'),
      sql<string | null>`(select person.full_name from profiles as person where person.id = ticket.created_by)`.as('created_by_name'),
      eb.fn.coalesce('category.name', 'ticket.category').as('category_name'),
      sql<string>`left(ticket.description, 280)`.as('excerpt'),
      sql<Person | null>`case when assignee.id is not null then jsonb_build_object('id', assignee.id, 'full_name', assignee.full_name, 'avatar_url', assignee.avatar_url) end`.as(
        'assignee'
      ),
      sql<
        string[]
      >`array(select label.tag from ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.id order by label.tag collate "und-x-icu")`.as(
        'tags'
      )
    ])
}
