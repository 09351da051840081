import { sql } from 'kysely'
import type { Db } from '../../db/types'

/**
 * Wakes up to `limit` due tickets of all teams, and returns how many. Skips locked rows, so that several servers share the work. Bypasses
 * row-level security.
 */
export async function wakeDueTickets(db: Db, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    with due as (
      select ticket.team_id, ticket.id from tickets as ticket
      where ticket.snoozed_until <= now()
      order by ticket.snoozed_until
      limit ${limit}
      for no key update skip locked
    )
    update tickets as ticket set snoozed_until = null from due
    where ticket.team_id = due.team_id and ticket.id = due.id and ticket.snoozed_until <= now()`.execute(db)
  return Number(numAffectedRows ?? 0n)
}

/** Negative when a ticket is overdue; null when none is snoozed. */
export async function getMsUntilNextWake(db: Db): Promise<number | null> {
  const { rows } = await sql<{
    ms: number | null
  }>`select (extract(epoch from min(snoozed_until) - now()) * 1000)::float8 as ms from tickets where snoozed_until is not null`.execute(db)
  return rows[0]!.ms
}
