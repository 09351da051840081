import { sql } from 'kysely'
import type { EventActor, EventCause, TicketEventType } from '#shared/schemas/event'
import type { Db } from '../db/types'

export interface OutboxEvent {
  id: string
  team_id: string
  /** Null, like the number, for an event of the team as a whole. */
  ticket_id: string | null
  ticket_number: number | null
  type: TicketEventType
  /** Null when a job acted. The profile of the channel when a contact acted. */
  actor_id: string | null
  contact_id: string | null
  /** The key that acted as the actor; null when they acted in person. */
  api_key: EventActor['api_key'] | null
  /** The SLA clock whose escalation acted. */
  cause: EventCause | null
  channel: 'ui' | 'api' | 'job' | 'portal'
  /** Who hears of it now. The others do so at another time, from the same event. */
  audience: 'all' | 'integrations' | 'members'
  from: unknown
  to: unknown
  created_at: string
}

/** Writes notifications, mails or deliveries for events, in the transaction that takes the events out of the outbox. */
export type EventReader = (db: Db, events: OutboxEvent[]) => Promise<void>

const maxAttempts = 10

export async function takeOutboxEvents(db: Db, limit: number): Promise<OutboxEvent[]> {
  const { rows } = await sql<OutboxEvent>`
    with due as (
      select outbox.event_id, outbox.audience from private.event_outbox as outbox
      where outbox.next_attempt_at <= now() and outbox.attempts < ${maxAttempts}
      order by outbox.event_id limit ${limit} for update skip locked
    ), taken as (
      delete from private.event_outbox as outbox using due where outbox.event_id = due.event_id and outbox.audience = due.audience returning outbox.event_id, outbox.team_id, outbox.audience
    )
    select entry.id::text as id, entry.team_id, entry.ticket_id, entry.ticket_number, entry.type, entry.actor_id, entry.contact_id, entry.api_key, entry.cause, entry.channel, taken.audience, entry."from", entry."to", entry.created_at
    from taken join ticket_events as entry on entry.team_id = taken.team_id and entry.id = taken.event_id
    order by entry.id`.execute(db)
  return rows
}

/** Postpones the oldest due event after a failure: by 5 seconds, doubling each time. After ten attempts it is never due again. */
export async function postponeOutboxEvent(db: Db, reason: string): Promise<void> {
  await sql`
    update private.event_outbox as outbox
    set attempts = outbox.attempts + 1, next_attempt_at = now() + make_interval(secs => 5 * 2 ^ outbox.attempts), last_error = ${reason.slice(0, 500)}
    where (outbox.event_id, outbox.audience) = (
      select due.event_id, due.audience from private.event_outbox as due
      where due.next_attempt_at <= now() and due.attempts < ${maxAttempts}
      order by due.event_id limit 1 for update skip locked
    )`.execute(db)
}
