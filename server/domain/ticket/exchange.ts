import { sql } from 'kysely'
import type { Mention } from '#shared/types/api'
import { mentionsAsText } from '#shared/utils/mentions'
import type { Db } from '../../db/types'

/** A ticket with its conversation, as an import reads it; fields that say nothing are left out. */
export interface ExchangedRequest { id: string, title: string, body: string, replies: ExchangedReply[], [field: string]: unknown }

interface ExchangedReply { author: string, content: string, format: string, created_at: string, is_internal: boolean }

type ReadReply = Omit<ExchangedReply, 'content'> & { content: string, mentions: Mention[] }

const chunkSize = 100 // tickets fetched at a time

/**
 * Every ticket of the team with its conversation, in the order of their numbers, from one snapshot. Members are named by
 * their addresses, others by their names, requesters as "requester"; mentions are names.
 */
export async function* exchangeRequests(db: Db, teamId: string): AsyncGenerator<ExchangedRequest> {
  const rows = db.selectFrom('tickets as ticket')
    .leftJoin(sql<{ user_id: string, email: string }>`private.team_member_emails(${teamId})`.as('assignee'), 'assignee.user_id', 'ticket.assigned_to')
    .leftJoin('ticket_types as type', join => join.onRef('type.team_id', '=', 'ticket.team_id').onRef('type.id', '=', 'ticket.type_id'))
    .leftJoin('ticket_items as item', join => join.onRef('item.team_id', '=', 'ticket.team_id').onRef('item.id', '=', 'ticket.item_id'))
    .select([
      'ticket.id', 'ticket.subject', 'ticket.description', 'ticket.format', 'ticket.status', 'ticket.priority', 'ticket.severity', 'ticket.category', 'type.name as type', 'item.name as item',
      'ticket.requester_name', 'ticket.requester_email', 'assignee.email as assignee', 'ticket.created_at', 'ticket.resolved_at', 'ticket.closed_at', 'ticket.snoozed_until',
      sql<string[]>`array(select label.tag from ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.id order by label.tag)`.as('tags'),
      replies(teamId).as('replies')
    ])
    .where('ticket.team_id', '=', teamId).orderBy('ticket.ticket_number')
  for await (const { id, subject, description, type, item, replies, ...fields } of rows.stream(chunkSize)) {
    const stated = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
    yield {
      id, title: subject, body: description, ...stated, ...type !== null && { route: item === null ? [type] : [type, item] },
      replies: replies.map(({ content, mentions, ...reply }) => ({ ...reply, content: mentionsAsText(content, mentions) }))
    }
  }
}

function replies(teamId: string) {
  return sql<ReadReply[]>`(
    select coalesce(jsonb_agg(jsonb_build_object(
      'author', case when reply.author_kind = 'requester' then 'requester' else coalesce(reply.external_author, address.email, author.full_name) end,
      'is_internal', reply.is_internal, 'created_at', reply.created_at, 'content', reply.content, 'format', reply.format,
      'mentions', (select coalesce(jsonb_agg(jsonb_build_object('id', person.id, 'full_name', person.full_name)), '[]') from ticket_mentions as mention join profiles as person on person.id = mention.user_id where mention.team_id = reply.team_id and mention.reply_id = reply.id)
    ) order by reply.created_at, reply.id), '[]')
    from ticket_replies as reply
    join profiles as author on author.id = reply.user_id
    left join private.team_member_emails(${teamId}) as address on address.user_id = reply.user_id
    where reply.team_id = ticket.team_id and reply.ticket_id = ticket.id
  )`
}
