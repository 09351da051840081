import { fromAbsolute, parseDateTime, toZoned } from '@internationalized/date'
import type { TransactionSql } from 'postgres'
import { openIntervals } from '#shared/sla/calendar'
import { service, type Session } from './as.ts'
import { newTicket } from './contacts.ts'
import { acme, bob } from './world.ts'

const zone = 'Europe/Berlin'
const hour = 3600

/** Of "Office Berlin": Monday to Friday, 09:00–12:30 and 13:15–18:00. */
export const officeHours = [1, 2, 3, 4, 5].flatMap(weekday => [
  { weekday, opens: '09:00', closes: '12:30' },
  { weekday, opens: '13:15', closes: '18:00' }
])

export interface Clock {
  metric: string
  cycle: number
  state: string
  cancel_reason: string | null
  started: string
  due: string | null
  warn: string | null
  ended: string | null
  remaining: number
}

/**
 * A story about one ticket in the hours of "Office Berlin": first response 1 h, next response 2 h, resolution 8 h, paused while the ticket
 * waits for the client. In a transaction the time stands still, so the story moves the past instead: `until('Mon 09:33')` shifts every
 * recorded time, and the hours of the calendar, back by as much.
 */
export async function tellStory({ sql, as }: Session, start: string, policy: Record<string, unknown> = {}) {
  const [{ now }] = await sql<[{ now: string }]>`select date_trunc('second', now())::text as now`
  const startsAt = toZoned(parseDateTime(start), zone).toDate().getTime()
  /** What is now in the database, in the time of the story. */
  let storyNow = startsAt
  const realNow = new Date(now).getTime()
  const calendar = crypto.randomUUID()
  const period = openIntervals(
    { time_zone: zone, hours: officeHours, holidays: [] },
    startsAt - 7 * 86_400_000,
    startsAt + 160 * 86_400_000
  )
  const real = (instant: number) => new Date(instant - storyNow + realNow).toISOString()
  await as(service, async sql => {
    await sql`insert into calendars (id, team_id, name, time_zone, covered_from, covered_until, time_zone_data)
      values (${calendar}, ${acme.id}, 'Office Berlin', ${zone}, ${real(period.from)}, ${real(period.until)}, 'test')`
    await sql`insert into private.calendar_intervals ${sql(
      period.intervals.map(({ opensAt, closesAt, beforeSeconds }) => ({
        calendar_id: calendar,
        opens_at: real(opensAt),
        closes_at: real(closesAt),
        before_seconds: beforeSeconds
      }))
    )}`
    const levels = ['low', 'normal', 'high', 'urgent']
    const forEach = (seconds: number) => Object.fromEntries(levels.map(level => [level, seconds]))
    const targets = { first_response: forEach(hour), next_response: forEach(2 * hour), resolution: forEach(8 * hour) }
    await sql`insert into sla_policies ${sql({
      team_id: acme.id,
      name: 'Standard',
      calendar_id: calendar,
      targets: sql.json(targets),
      pauses: sql.json({ next_response: ['waiting', 'snoozed'], resolution: ['waiting', 'snoozed'] }),
      ...policy,
      ...(policy.targets ? { targets: sql.json(policy.targets as never) } : {}),
      ...(policy.escalations ? { escalations: sql.json(policy.escalations as never) } : {})
    })}`
  })
  const ticket = await as(bob, sql => newTicket(sql, bob, {}))

  async function shift(sql: TransactionSql, ms: number): Promise<void> {
    const by = `${ms} milliseconds`
    // Without triggers: nothing happens in the story.
    const tables = ['tickets', 'ticket_replies', 'ticket_events', 'sla_clocks', 'sla_segments', 'calendars']
    await sql`set constraints all immediate`
    for (const table of tables) await sql.unsafe(`alter table ${table} disable trigger user`)
    await sql`update tickets set created_at = created_at - ${by}::interval, first_response_at = first_response_at - ${by}::interval,
      resolved_at = resolved_at - ${by}::interval, awaiting_reply_since = awaiting_reply_since - ${by}::interval,
      snoozed_until = snoozed_until - ${by}::interval, sla_due_at = sla_due_at - ${by}::interval where id = ${ticket}`
    await sql`update ticket_replies set created_at = created_at - ${by}::interval where ticket_id = ${ticket}`
    await sql`update ticket_events set created_at = created_at - ${by}::interval where ticket_id = ${ticket}`
    await sql`update sla_clocks set started_at = started_at - ${by}::interval, warn_at = warn_at - ${by}::interval,
      due_at = due_at - ${by}::interval, warned_at = warned_at - ${by}::interval, breached_at = breached_at - ${by}::interval,
      ended_at = ended_at - ${by}::interval where ticket_id = ${ticket}`
    await sql`update sla_segments set from_at = from_at - ${by}::interval, to_at = to_at - ${by}::interval
      where clock_id in (select id from sla_clocks where ticket_id = ${ticket})`
    await sql`update calendars set covered_from = covered_from - ${by}::interval, covered_until = covered_until - ${by}::interval
      where id = ${calendar}`
    // The keys overlap: away first, then to their place.
    await sql`update private.calendar_intervals set opens_at = opens_at + interval '1000 years', closes_at = closes_at + interval '1000 years'
      where calendar_id = ${calendar}`
    await sql`update private.calendar_intervals set opens_at = opens_at - interval '1000 years' - ${by}::interval,
      closes_at = closes_at - interval '1000 years' - ${by}::interval where calendar_id = ${calendar}`
    for (const table of tables) await sql.unsafe(`alter table ${table} enable trigger user`)
    await sql`set constraints all deferred`
  }

  const told = (value: string | null) => {
    if (value === null) return null
    const at = fromAbsolute(new Date(value).getTime() - realNow + storyNow, zone)
    const day = at.toDate().toLocaleDateString('en', { weekday: 'short', timeZone: zone })
    const text = at.toString().slice(0, 19).replace('T', ' ')
    return `${day} ${text.endsWith(':00') ? text.slice(5, -3) : text.slice(5)}`
  }

  return {
    ticket,
    calendar,
    /** The open intervals of the calendar, in the time of the story. */
    period,
    now: () => storyNow,
    untilInstant: async (at: number) => {
      await as(service, sql => shift(sql, at - storyNow))
      storyNow = at
    },
    /** Every clock as numbers, in the time of the story; what it counted up to now, and the due time of an open one. */
    counts: () =>
      as(service, async sql => {
        const rows = await sql<
          { metric: string; cycle: number; target: number; started: string; counted: number; result: string | null; due: string | null }[]
        >`
          select clock.metric, clock.cycle, clock.target_seconds::integer as target, clock.started_at as started,
            (clock.target_seconds - clock.remaining_seconds + coalesce((
              select private.open_between(clock.calendar_id, segment.from_at, now()) from sla_segments as segment
              where segment.clock_id = clock.id and segment.to_at is null and segment.kind = 'running'), 0))::integer as counted,
            case when clock.state in ('achieved', 'missed', 'cancelled') then clock.state end as result, clock.due_at as due
          from sla_clocks as clock where clock.ticket_id = ${ticket} order by clock.metric, clock.cycle`
        const inStory = (value: string) => new Date(value).getTime() - realNow + storyNow
        return rows.map(row => ({
          ...row,
          started: inStory(row.started),
          due: row.result === null ? (row.due === null ? null : inStory(row.due)) : undefined
        }))
      }),
    /** Goes on to a local time such as `2026-06-08 09:33`. */
    until: async (moment: string) => {
      const at = toZoned(parseDateTime(moment.replace(' ', 'T')), zone)
        .toDate()
        .getTime()
      await as(service, sql => shift(sql, at - storyNow))
      storyNow = at
    },
    agentReplies: () =>
      as(bob, sql => sql`insert into ticket_replies (team_id, ticket_id, user_id, content) values (${acme.id}, ${ticket}, ${bob.id}, 'x')`),
    agentNotes: () =>
      as(
        bob,
        sql =>
          sql`insert into ticket_replies (team_id, ticket_id, user_id, content, is_internal) values (${acme.id}, ${ticket}, ${bob.id}, 'x', true)`
      ),
    clientReplies: () =>
      as(
        service,
        sql => sql`insert into ticket_replies (team_id, ticket_id, user_id, content, author_kind)
          values (${acme.id}, ${ticket}, private.channel_profile(${acme.id}, 'portal'), 'x', 'requester')`
      ),
    /** Deletes the last reply of this kind of author. */
    deleteReply: (kind: 'agent' | 'requester') =>
      as(
        service,
        sql => sql`delete from ticket_replies where id = (
          select id from ticket_replies where ticket_id = ${ticket} and author_kind = ${kind} order by created_at desc limit 1)`
      ),
    change: (fields: Record<string, unknown>) => as(bob, sql => sql`update tickets set ${sql(fields)} where id = ${ticket}`),
    /** What the job does. */
    markDue: () => as(service, async sql => (await sql<[{ marked: number }]>`select private.mark_due_clocks(100) as marked`)[0].marked),
    clocks: () =>
      as(service, async sql => {
        const rows = await sql<(Record<string, string | null> & { cycle: number; remaining_seconds: string })[]>`
          select * from sla_clocks where ticket_id = ${ticket} order by metric, cycle`
        return rows.map((row): Clock => ({
          metric: row.metric!,
          cycle: row.cycle,
          state: row.state!,
          cancel_reason: row.cancel_reason!,
          started: told(row.started_at!)!,
          due: told(row.due_at!),
          warn: told(row.warn_at!),
          ended: told(row.ended_at!),
          remaining: Number(row.remaining_seconds)
        }))
      }),
    /** Of every clock: target − what its segments counted − what is left. All must be 0. */
    differences: () =>
      as(
        service,
        sql => sql`
          select clock.metric, clock.cycle, clock.target_seconds - clock.remaining_seconds - coalesce(sum(segment.open_seconds), 0) as difference
          from sla_clocks as clock left join sla_segments as segment on segment.clock_id = clock.id
          where clock.ticket_id = ${ticket} group by clock.id
          having clock.target_seconds - clock.remaining_seconds <> coalesce(sum(segment.open_seconds), 0)`
      ),
    shown: () =>
      as(service, async sql => {
        const [row] = await sql<[{ sla_metric: string | null; sla_state: string | null; sla_due_at: string | null }]>`
          select sla_metric, sla_state, sla_due_at from tickets where id = ${ticket}`
        return { metric: row.sla_metric, state: row.sla_state, due: told(row.sla_due_at) }
      }),
    /** What happened since the ticket was created, in order. */
    changes: () =>
      as(service, async sql => {
        await sql`set constraints all immediate`
        await sql`set constraints all deferred`
        return sql<{ type: string; from: unknown; to: unknown; actor_id: string | null; channel: string; cause: object | null }[]>`
          select type, "from", "to", actor_id, channel, cause from ticket_events
          where ticket_id = ${ticket} and type <> 'ticket.created' order by id`
      }),
    events: () =>
      as(service, async sql => {
        await sql`set constraints all immediate`
        const rows = await sql<{ type: string; metric: string }[]>`
          select type, "to" ->> 'metric' as metric from ticket_events where ticket_id = ${ticket} and type like 'ticket.sla%' order by id`
        return rows.map(({ type, metric }) => `${type.slice('ticket.sla_'.length)} ${metric}`)
      })
  }
}

export type Story = Awaited<ReturnType<typeof tellStory>>
