import { sql } from 'kysely'
import type { CancelReason, ClockState, SlaMetric } from '#shared/sla/clock'
import { receiptParts, receiptText, type ClockSegment } from '#shared/sla/receipt'
import type { PageQuery } from '#shared/schemas/page'
import type { SlaClock } from '#shared/types/api'
import type { Db } from '../../db/types'
import { listOf, mapList, type List } from '../page'
import { notFound } from '../refusal'

/** The clocks of a ticket with their receipts: the open ones first, then the ended ones, newest first. Throws 404. */
export async function listClocks(db: Db, teamId: string, ticketId: string, query: PageQuery): Promise<List<SlaClock>> {
  const ticket = await db
    .selectFrom('tickets as ticket')
    .innerJoin('teams as team', 'team.id', 'ticket.team_id')
    .select(['team.time_zone', sql<number>`(extract(epoch from now()) * 1000)::float8`.as('now')])
    .where('ticket.team_id', '=', teamId)
    .where('ticket.id', '=', ticketId)
    .executeTakeFirst()
  if (!ticket) throw notFound()
  const list = await listOf(db, clockRows(db, teamId, ticketId), query)
  const ids = ('rows' in list ? list.rows : list.data).map(({ id }) => id)
  const lives = await livesOf(db, teamId, ids)
  return mapList(list, clock => asAnswer(clock, lives.get(clock.id)!, ticket.now, ticket.time_zone))
}

/**
 * Warns of up to `limit` clocks of all teams and marks those that are over. Returns how many it changed. Several servers share the work.
 * Bypasses row-level security.
 */
export async function markDueClocks(db: Db, limit: number): Promise<number> {
  const { rows } = await sql<{ marked: number }>`select private.mark_due_clocks(${limit}) as marked`.execute(db)
  return rows[0]!.marked
}

/** Milliseconds until the next warning or breach; negative when one is late; null when no clock runs. */
export async function getMsUntilNextClock(db: Db): Promise<number | null> {
  const { rows } = await sql<{ ms: number | null }>`
    select (extract(epoch from min(clock.next_at) - now()) * 1000)::float8 as ms from sla_clocks as clock where clock.next_at is not null`.execute(
    db
  )
  return rows[0]!.ms
}

interface ClockRow {
  id: string
  metric: SlaMetric
  cycle: number
  state: ClockState
  cancel_reason: CancelReason | null
  policy: { id: string; name: string; version: number; level: string; calendar: { id: string; name: string; time_zone: string } | null }
  target_seconds: number
  remaining_seconds: number
  started_at: string
  warn_at: string | null
  due_at: string | null
  warned_at: string | null
  breached_at: string | null
  ended_at: string | null
}

function clockRows(db: Db, teamId: string, ticketId: string) {
  return db
    .selectFrom('sla_clocks as clock')
    .select([
      'clock.id',
      'clock.metric',
      'clock.cycle',
      'clock.state',
      'clock.cancel_reason',
      'clock.policy',
      sql<number>`clock.target_seconds::float8`.as('target_seconds'),
      sql<number>`clock.remaining_seconds::float8`.as('remaining_seconds'),
      'clock.started_at',
      'clock.warn_at',
      'clock.due_at',
      'clock.warned_at',
      'clock.breached_at',
      'clock.ended_at'
    ])
    .where('clock.team_id', '=', teamId)
    .where('clock.ticket_id', '=', ticketId)
    .orderBy(sql`clock.ended_at desc nulls first`)
    .orderBy(sql`clock.due_at nulls last`)
    .orderBy('clock.id')
    .$castTo<ClockRow>()
}

interface Life {
  segments: ClockSegment[]
  open: { opensAt: number; closesAt: number }[] | null
}

/** Of each clock: its segments, and the open intervals of its calendar during its life. */
async function livesOf(db: Db, teamId: string, clockIds: string[]): Promise<Map<string, Life>> {
  const { rows } = await sql<{ id: string } & Life>`
    select clock.id,
      (
        select coalesce(json_agg(json_build_object(
          'kind', segment.kind, 'reason', segment.reason, 'from', ${milliseconds('segment.from_at')}, 'until', ${milliseconds('segment.to_at')},
          'seconds', segment.open_seconds
        ) order by segment.id), '[]') from sla_segments as segment where segment.clock_id = clock.id
      ) as segments,
      private.clock_intervals(clock.team_id, clock.id) as open
    from sla_clocks as clock where clock.team_id = ${teamId} and clock.id = any (${clockIds}::uuid[])`.execute(db)
  return new Map(rows.map(({ id, segments, open }) => [id, { segments, open }]))
}

function milliseconds(column: string) {
  return sql`(extract(epoch from ${sql.ref(column)}) * 1000)::bigint`
}

function asAnswer(row: ClockRow, { segments, open }: Life, now: number, timeZone: string): SlaClock {
  const { policy, ...clock } = row
  const dueAt = row.due_at === null ? null : Date.parse(row.due_at)
  const until = row.ended_at === null ? Math.floor(now / 1000) * 1000 : Date.parse(row.ended_at)
  const parts = receiptParts(segments, open, until, dueAt)
  const counted = parts.reduce((sum, { seconds, isAhead }) => sum + (isAhead ? 0 : seconds), 0)
  const isPaused = row.ended_at === null && segments.at(-1)?.kind === 'paused'
  // Of an open clock, what is left now; the row holds what was left when its current segment began.
  const remaining = row.ended_at === null ? row.target_seconds - counted : row.remaining_seconds
  const head = {
    metric: row.metric,
    state: row.state,
    cancelReason: row.cancel_reason,
    targetSeconds: row.target_seconds,
    remainingSeconds: remaining,
    isPaused,
    dueAt,
    calendar: policy.calendar
  }
  return {
    ...clock,
    is_paused: isPaused,
    policy: { id: policy.id, name: policy.name, version: policy.version },
    level: policy.level,
    calendar: policy.calendar && { id: policy.calendar.id, name: policy.calendar.name, time_zone: policy.calendar.time_zone },
    counted_seconds: counted,
    remaining_seconds: remaining,
    lines: parts.map(({ kind, reason, from, until, seconds, isAhead }) => ({
      kind,
      reason,
      from: new Date(from).toISOString(),
      until: new Date(until).toISOString(),
      seconds,
      is_ahead: isAhead
    })),
    receipt: receiptText(head, parts, timeZone)
  }
}
