import { sql } from 'kysely'
import type { NotificationRead } from '#shared/schemas/notification'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'

/** Without `ids` and `ticket_id` it marks all in the team. Returns how many were unread. */
export async function readNotifications(db: Db, { teamId, userId }: Caller, { ids, ticket_id }: NotificationRead): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable('notifications')
    .set({ read_at: sql`now()` })
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .where('read_at', 'is', null)
    .$if(ids !== undefined, own => own.where('id', 'in', ids!))
    .$if(ticket_id !== undefined, own => own.where('ticket_id', '=', ticket_id!))
    .executeTakeFirst()
  return Number(numUpdatedRows)
}
