import { sql } from 'kysely'
import type { Db } from '../../db/types'

/**
 * Closes up to `limit` tickets of all teams that have been resolved for their team's `auto_close_days` (of 24 hours each), and returns how
 * many. Skips locked rows, so that several servers share the work. Bypasses row-level security.
 */
export async function closeDueTickets(db: Db, limit: number): Promise<number> {
  const { numAffectedRows } = await sql`
    with due as (
      select ticket.team_id, ticket.id
      from teams as team
      cross join lateral (
        select candidate.team_id, candidate.id, candidate.resolved_at from tickets as candidate
        where candidate.team_id = team.id and candidate.status = 'resolved'
          and candidate.resolved_at <= now() - make_interval(hours => 24 * team.auto_close_days)
        order by candidate.resolved_at
        limit ${limit}
        for no key update skip locked
      ) as ticket
      limit ${limit}
    )
    update tickets as ticket set status = 'closed' from due
    where ticket.team_id = due.team_id and ticket.id = due.id and ticket.status = 'resolved'`.execute(db)
  return Number(numAffectedRows ?? 0n)
}
