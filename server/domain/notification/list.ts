import { sql } from 'kysely'
import type { NotificationKind } from '#shared/notification'
import type { NotificationQuery } from '#shared/schemas/notification'
import type { TicketStatus } from '#shared/schemas/ticket'
import type { Mention, Notification } from '#shared/types/api'
import { mentionsAsText } from '#shared/utils/mentions'
import type { Db } from '../../db/types'
import { actorNameOf } from '../author'
import type { Caller } from '../caller'
import { listOf, mapList, pageBehind, type List } from '../page'
import { mentions } from '../reply'

interface Row extends Omit<Notification, 'reply' | 'via'> {
  via: string | null
  reply: { id: string; is_internal: boolean } | null
  content: string | null
  mentions: Mention[]
}

const excerptLength = 200

export async function listNotifications(
  db: Db,
  caller: Caller,
  { unread, page, cursor, page_size }: NotificationQuery
): Promise<List<Notification>> {
  const rows = notifications(db, caller).$if(unread, own => own.where('notification.read_at', 'is', null))
  const list =
    cursor === undefined
      ? await listOf(db, rows, { page, page_size })
      : await pageBehind(rows, { by: [{ of: sql`notification.event_id`, type: 'bigint' }], cursor, size: page_size })
  return mapList(list as List<Row>, toNotification)
}

export async function countUnread(db: Db, { teamId, userId }: Caller): Promise<number> {
  const { count } = await db
    .selectFrom('notifications')
    .select(sql<number>`count(*)::integer`.as('count'))
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .where('read_at', 'is', null)
    .executeTakeFirstOrThrow()
  return count
}

function notifications(db: Db, { teamId, userId }: Caller) {
  return (
    db
      .selectFrom('notifications as notification')
      .leftJoin('tickets as ticket', 'ticket.id', 'notification.ticket_id')
      .leftJoin('ticket_replies as reply', 'reply.id', 'notification.reply_id')
      .leftJoin('profiles as actor', 'actor.id', 'notification.actor_id')
      // Only webhook notifications read their event, for its text: their recipients may read the audit log.
      .leftJoin('ticket_events as event', join =>
        join
          .onRef('event.team_id', '=', 'notification.team_id')
          .onRef('event.id', '=', 'notification.event_id')
          .on('notification.kind', '=', 'webhook')
      )
      .select(eb => [
        'notification.id',
        eb.ref('notification.kind').$castTo<NotificationKind>().as('kind'),
        'notification.read_at',
        'notification.created_at',
        'notification.via',
        sql<{
          id: string
          number: number
          subject: string
          status: TicketStatus
        } | null>`case when ticket.id is not null then jsonb_build_object('id', ticket.id, 'number', ticket.ticket_number, 'subject', ticket.subject, 'status', ticket.status) end`.as(
          'ticket'
        ),
        sql<
          Notification['actor']
        >`case when actor.id is not null then jsonb_build_object('id', actor.id, 'full_name', ${actorNameOf('notification')}, 'avatar_url', actor.avatar_url) end`.as(
          'actor'
        ),
        sql<Row['reply']>`case when reply.id is not null then jsonb_build_object('id', reply.id, 'is_internal', reply.is_internal) end`.as(
          'reply'
        ),
        sql<string | null>`left(reply.content, 1000)`.as('content'),
        mentions.as('mentions'),
        sql<
          string | null
        >`coalesce(notification.text, 'Webhook "' || (event."to" ->> 'name') || '" was switched off: ' || (event."to" ->> 'reason'))`.as(
          'text'
        )
      ])
      .where('notification.team_id', '=', teamId)
      .where('notification.user_id', '=', userId)
      .orderBy('notification.event_id', 'desc')
  )
}

function toNotification({ via, reply, content, mentions, ...row }: Row): Notification {
  return { ...row, ...(via !== null && { via }), reply: reply && { ...reply, excerpt: excerpt(content ?? '', mentions) } }
}

function excerpt(content: string, mentions: Mention[]): string {
  const text = mentionsAsText(content.replace(/<@[0-9a-f-]*$/, ''), mentions)
    .replace(/\s+/g, ' ')
    .trim()
  return [...text].slice(0, excerptLength).join('')
}
