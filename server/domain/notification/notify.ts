import { sql } from 'kysely'
import type { EventReader } from '../event'
import { listRecipients } from './recipients'

/** Writes the notifications of events, once each however often they are read. */
export const notify: EventReader = async (db, events) => {
  const recipients = (await listRecipients(db, events)).filter(({ in_app }) => in_app)
  if (recipients.length === 0) return
  const rows = recipients.map(({ event, user_id, kind, reply_id }) => ({
    team_id: event.team_id, user_id, event_id: event.id, kind, ticket_id: event.ticket_id, reply_id, actor_id: event.actor_id, created_at: event.created_at
  }))
  await sql`
    insert into notifications (team_id, user_id, event_id, kind, ticket_id, reply_id, actor_id, created_at)
    select team_id, user_id, event_id, kind, ticket_id, reply_id, actor_id, created_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as row (team_id uuid, user_id uuid, event_id bigint, kind text, ticket_id uuid, reply_id uuid, actor_id uuid, created_at timestamptz)
    on conflict (user_id, event_id) do nothing`.execute(db)
}
