import { sql } from 'kysely'
import type { ReadMark } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { notFound } from '../refusal'

/** The caller has read the ticket, as it is now. Throws 404 for an unknown ticket. */
export function markTicketRead(db: Db, caller: Caller, ticketId: string): Promise<ReadMark> {
  return setReadMark(db, caller, ticketId, sql<string>`now()`)
}

/** The caller wants to see the ticket as unread, so their mark moves to before its last message. Throws 404 for an unknown ticket. */
export function markTicketUnread(db: Db, caller: Caller, ticketId: string): Promise<ReadMark> {
  return setReadMark(db, caller, ticketId, sql<string>`ticket.last_message_at - interval '1 microsecond'`)
}

async function setReadMark(db: Db, { teamId, userId }: Caller, ticketId: string, at: ReturnType<typeof sql<string>>): Promise<ReadMark> {
  const mark = await db
    .insertInto('ticket_reads')
    .columns(['team_id', 'ticket_id', 'user_id', 'read_at'])
    .expression(eb =>
      eb
        .selectFrom('tickets as ticket')
        .select(['ticket.team_id', 'ticket.id', sql<string>`${userId}::uuid`.as('user_id'), at.as('read_at')])
        .where('ticket.team_id', '=', teamId)
        .where('ticket.id', '=', ticketId)
    )
    .onConflict(conflict =>
      conflict.columns(['team_id', 'ticket_id', 'user_id']).doUpdateSet(eb => ({ read_at: eb.ref('excluded.read_at') }))
    )
    .returning('read_at')
    .executeTakeFirst()
  if (!mark) throw notFound()
  return mark
}
