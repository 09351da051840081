import { sql } from 'kysely'
import type { TicketPriority, TicketStatus } from '#shared/schemas/ticket'
import type { Person } from '#shared/types/api'
import type { Db } from '../../db/types'

/** Tickets as every route answers them; `private.ticket_row()` builds the same row for realtime. */
export function ticketRows(db: Db) {
  return db.selectFrom('tickets as ticket')
    .leftJoin('profiles as assignee', 'assignee.id', 'ticket.assigned_to')
    .select([
      'ticket.id', 'ticket.team_id', 'ticket.ticket_number', 'ticket.subject', 'ticket.description', 'ticket.severity', 'ticket.category',
      'ticket.channel', 'ticket.assigned_to', 'ticket.requester_email', 'ticket.requester_name', 'ticket.resolved_at', 'ticket.closed_at',
      'ticket.first_response_at', 'ticket.last_activity_at', 'ticket.created_by', 'ticket.created_at', 'ticket.updated_at', 'ticket.reply_count',
      'ticket.version', 'assignee.full_name as assignee_name'
    ])
    .select(eb => [
      eb.ref('ticket.status').$castTo<TicketStatus>().as('status'),
      eb.ref('ticket.priority').$castTo<TicketPriority>().as('priority'),
      sql<string>`left(ticket.description, 280)`.as('excerpt'),
      sql<Person | null>`case when assignee.id is not null then jsonb_build_object('id', assignee.id, 'full_name', assignee.full_name, 'avatar_url', assignee.avatar_url) end`.as('assignee'),
      sql<string[]>`array(select label.tag from ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.id order by label.tag)`.as('tags')
    ])
}

export type TicketRows = ReturnType<typeof ticketRows>
