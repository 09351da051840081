import { sql } from 'kysely'
import { keyName } from '#shared/event'
import type { ApiKeyReference, ClockReference } from '#shared/schemas/event'
import { clockNews, escalationNews } from '#shared/sla/receipt'
import type { EventReader, OutboxEvent } from '../event'
import { listRecipients } from './recipients'

/** Idempotent: the same event notifies a person once. */
export const notify: EventReader = async (db, events) => {
  const recipients = (await listRecipients(db, events)).filter(({ in_app }) => in_app)
  if (recipients.length === 0) return
  const rows = recipients.map(({ event, user_id, kind, reply_id }) => ({
    team_id: event.team_id,
    user_id,
    event_id: event.id,
    kind,
    ticket_id: event.ticket_id,
    reply_id,
    actor_id: event.actor_id,
    contact_id: event.contact_id,
    via: event.api_key && keyName(event.api_key),
    text: textOf(event),
    created_at: event.created_at
  }))
  await sql`
    insert into notifications (team_id, user_id, event_id, kind, ticket_id, reply_id, actor_id, contact_id, via, text, created_at)
    select team_id, user_id, event_id, kind, ticket_id, reply_id, actor_id, contact_id, via, text, created_at
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as row (team_id uuid, user_id uuid, event_id bigint, kind text, ticket_id uuid, reply_id uuid, actor_id uuid, contact_id uuid, via text, text text, created_at timestamptz)
    on conflict (user_id, event_id) do nothing`.execute(db)
}

/** Text that the notification must store: its recipient may not read the event, or it depends on it. */
function textOf({ type, to, cause }: OutboxEvent): string | null {
  if (type === 'ticket.sla_warning' || type === 'ticket.sla_breached')
    return clockNews((to as ClockReference).metric, type === 'ticket.sla_breached')
  if (type === 'ticket.escalated') return escalationNews(cause!)
  if (type !== 'api_key.created' && type !== 'api_key.rotated') return null
  return `${type === 'api_key.created' ? 'made' : 'rotated'} the API key "${(to as ApiKeyReference).name}", which acts as you`
}
