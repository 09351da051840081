import { sql } from 'kysely'
import type { EventActor, TicketEventType } from '#shared/schemas/event'
import type { Db } from '../db/types'

/** An event out of the outbox, as it was written. */
export interface OutboxEvent {
  id: string
  team_id: string
  /** Null, like the number, for what happened to the team as a whole. */
  ticket_id: string | null
  ticket_number: number | null
  type: TicketEventType
  /** Null where a job did it. */
  actor_id: string | null
  /** The key that acted for the actor; null where they did it in person. */
  api_key: EventActor['api_key'] | null
  channel: 'ui' | 'api' | 'job' | 'portal'
  from: unknown
  to: unknown
  created_at: string
}

/** Makes something of events (notifications, mails, deliveries) in the transaction that takes them out of the outbox. */
export type EventReader = (db: Db, events: OutboxEvent[]) => Promise<void>

const maxAttempts = 10

/** Takes up to `limit` due events out of the outbox, the oldest first; those that another process holds are left to it. */
export async function takeOutboxEvents(db: Db, limit: number): Promise<OutboxEvent[]> {
  const { rows } = await sql<OutboxEvent>`
    with due as (
      select outbox.event_id from private.event_outbox as outbox
      where outbox.next_attempt_at <= now() and outbox.attempts < ${maxAttempts}
      order by outbox.event_id limit ${limit} for update skip locked
    ), taken as (
      delete from private.event_outbox as outbox using due where outbox.event_id = due.event_id returning outbox.event_id, outbox.team_id
    )
    select entry.id::text as id, entry.team_id, entry.ticket_id, entry.ticket_number, entry.type, entry.actor_id, entry.api_key, entry.channel, entry."from", entry."to", entry.created_at
    from taken join ticket_events as entry on entry.team_id = taken.team_id and entry.id = taken.event_id
    order by entry.id`.execute(db)
  return rows
}

/** Puts off the oldest due event where it could not be told: 5 seconds, then twice as long each time, ten times in all. */
export async function postponeOutboxEvent(db: Db, reason: string): Promise<void> {
  await sql`
    update private.event_outbox as outbox
    set attempts = outbox.attempts + 1, next_attempt_at = now() + make_interval(secs => 5 * 2 ^ outbox.attempts), last_error = ${reason.slice(0, 500)}
    where outbox.event_id = (
      select due.event_id from private.event_outbox as due
      where due.next_attempt_at <= now() and due.attempts < ${maxAttempts}
      order by due.event_id limit 1 for update skip locked
    )`.execute(db)
}
