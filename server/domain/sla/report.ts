import { sql, type RawBuilder } from 'kysely'
import { slaMetrics, type SlaMetric } from '#shared/sla/clock'
import type { SlaReportQuery } from '#shared/schemas/report'
import type { DueTicket, SlaByMetric, SlaCounted, SlaReport, SlaResult } from '#shared/types/api'
import { addDays } from '#shared/utils/day'
import type { Db } from '../../db/types'
import { notFound } from '../refusal'
import { dueAt, isBreaching, isOverdue } from '../ticket/due'

/** The SLA clocks that ended in the period, and the tickets that are due. Throws 404 for an unknown team. */
export async function getSlaReport(db: Db, teamId: string, period: SlaReportQuery, now = new Date()): Promise<SlaReport> {
  const inSpan = sql`team_id = ${teamId} and ended_at >= (select first_at from span) and ended_at < (select end_at from span)`
  const { rows } = await sql<CountRow>`
    with span as (
      select zone, first, last, monday, private.day_start(first, zone) as first_at, private.day_start(last + 1, zone) as end_at,
        array(
          select private.day_start(monday + 7 * number, zone) from generate_series(0, (last - monday) / 7) as number
          order by number
        ) as weeks
      from (
        select zone, first, last, date_trunc('week', first::timestamp)::date as monday
        from (
          select time_zone as zone, coalesce(${period.from ?? null}::date, today - ${period.window - 1}::integer) as first,
            coalesce(${period.to ?? null}::date, today) as last
          from teams, lateral (select private.day_of(${now}::timestamptz, time_zone) as today) as local
          where id = ${teamId}
        ) as days
      ) as days
    ),
    ended as materialized (
      select clock.ticket_id, clock.metric, clock.state, clock.agent_id, clock.policy_id, ticket.category,
        width_bucket(clock.ended_at, (select weeks from span)) as week
      from (
        select ticket_id, metric, state, agent_id, policy_id, ended_at from sla_clocks where ${inSpan} and policy_id is not null
        union all
        -- Apart, because the policy as it was is not in the index.
        select ticket_id, metric, state, agent_id, (policy ->> 'id')::uuid, ended_at from sla_clocks where ${inSpan} and policy_id is null
      ) as clock join tickets as ticket on ticket.id = clock.ticket_id
    ),
    counts as (
      select ${groupedBy} as by, metric, policy_id, agent_id, category, week,
        count(*) filter (where state = 'achieved') as met,
        count(*) filter (where state = 'missed') as missed,
        count(*) filter (where state = 'cancelled') as cancelled,
        0 as missed_tickets
      from ended
      group by grouping sets (
        (), (metric), (policy_id, metric), (agent_id, metric), (category, metric), (week, metric)
      )
      union all
      -- Apart, because an aggregate of distinct values sorts all rows for each grouping.
      select ${groupedBy}, metric, policy_id, agent_id, category, week, 0, 0, 0, count(distinct ticket_id)
      from ended where state = 'missed'
      group by grouping sets (
        (), (metric), (policy_id), (policy_id, metric), (agent_id), (agent_id, metric), (category), (category, metric), (week), (week, metric)
      )
    ),
    policies as (
      select id as policy_id, name as policy_name from sla_policies where team_id = ${teamId}
      union all (
        select distinct on (policy ->> 'id') (policy ->> 'id')::uuid, policy ->> 'name' from sla_clocks where ${inSpan} and policy_id is null
        order by policy ->> 'id', ended_at desc
      )
    )
    select span.zone as time_zone, span.first::text as "from", span.last::text as "to", span.monday::text as monday,
      cardinality(span.weeks) as weeks, counts.by, counts.metric, coalesce(counts.policy_id, counts.agent_id)::text as id, counts.category as key, counts.week,
      coalesce(policies.policy_name, agent.full_name, category.name) as name, agent.avatar_url,
      counts.met::integer, counts.missed::integer, counts.cancelled::integer, counts.missed_tickets::integer
    from span cross join counts
    left join policies on policies.policy_id = counts.policy_id
    left join profiles as agent on agent.id = counts.agent_id
    left join ticket_categories as category on category.team_id = ${teamId} and category.key = counts.category
    order by name collate "und-x-icu", id, key`.execute(db)
  const [row] = rows
  if (!row) throw notFound()
  const { time_zone, from, to, monday, weeks } = row
  const groups = (by: CountRow['by'], keyOf: (row: CountRow) => string | number | null) => groupRows(rows, by, keyOf)
  const total = rows.filter(({ by }) => by === 'total')
  return {
    time_zone,
    from,
    to,
    total: { ...sumOf(total), cancelled: total.reduce((sum, { metric, cancelled }) => sum + (metric ? cancelled : 0), 0) },
    ...(await getDueNow(db, teamId)),
    per_policy: groups('policy', ({ id }) => id).map(([{ id, name }, results]) => ({ policy_id: id!, name: name!, ...results })),
    per_agent: groups('agent', ({ id }) => id).map(([{ id, name, avatar_url }, results]) => ({
      user_id: id,
      name,
      avatar_url,
      ...results
    })),
    per_category: groups('category', ({ key }) => key).map(([{ key, name }, results]) => ({ key: key!, name: name ?? key!, ...results })),
    per_week: Array.from({ length: weeks }, (_, index) => ({
      week: addDays(monday, 7 * index),
      ...sumOf(rows.filter(({ by, week }) => by === 'week' && week === index + 1))
    }))
  }
}

const groupedBy = sql`case
  when grouping(policy_id) = 0 then 'policy' when grouping(agent_id) = 0 then 'agent' when grouping(category) = 0 then 'category'
  when grouping(week) = 0 then 'week' else 'total' end`

/** SQL for the figures of the clocks that ended from `start` on and before `end`, with what is due now, as JSON. */
export function slaFigures(teamId: string, start: RawBuilder<unknown>, end: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`(
    select jsonb_build_object('met', ended.met, 'missed', ended.missed,
      'compliance', round(ended.met::numeric / nullif(ended.met + ended.missed, 0), 4), 'overdue', due.overdue, 'due_soon', due.due_soon)
    from
      (
        select count(*) filter (where clock.state = 'achieved') as met, count(*) filter (where clock.state = 'missed') as missed
        from sla_clocks as clock where clock.team_id = ${teamId} and clock.ended_at >= ${start} and clock.ended_at < ${end}
      ) as ended,
      (${dueCounts(teamId)}) as due
  )`
}

interface CountRow {
  time_zone: string
  from: string
  to: string
  monday: string
  weeks: number
  by: 'total' | 'policy' | 'agent' | 'category' | 'week'
  metric: SlaMetric | null
  id: string | null
  key: string | null
  week: number | null
  name: string | null
  avatar_url: string | null
  met: number
  missed: number
  cancelled: number
  missed_tickets: number
}

/** The groups in which a clock was met or missed, those with the most clocks first, then in the order of the rows. */
function groupRows(
  rows: CountRow[],
  by: CountRow['by'],
  keyOf: (row: CountRow) => string | number | null
): [first: CountRow, results: SlaByMetric][] {
  const groups = Map.groupBy(
    rows.filter(row => row.by === by),
    keyOf
  )
  return [...groups.values()]
    .map((group): [CountRow, SlaByMetric] => [group[0]!, sumOf(group)])
    .filter(([, { met, missed }]) => met + missed > 0)
    .sort(([, a], [, b]) => b.met + b.missed - (a.met + a.missed))
}

function sumOf(rows: CountRow[]): SlaByMetric {
  const ofMetric = (metric: SlaMetric) => {
    const own = rows.filter(row => row.metric === metric)
    return { ...resultOf(own), missed_tickets: ticketsOf(own) }
  }
  const [first_response, next_response, resolution] = slaMetrics.map(ofMetric) as [SlaCounted, SlaCounted, SlaCounted]
  const all = { ...resultOf(rows.filter(({ metric }) => metric)), missed_tickets: ticketsOf(rows.filter(({ metric }) => !metric)) }
  return { ...all, first_response, next_response, resolution }
}

function ticketsOf(rows: CountRow[]): number {
  return rows.reduce((sum, row) => sum + row.missed_tickets, 0)
}

function resultOf(rows: CountRow[]): SlaResult {
  const met = rows.reduce((sum, row) => sum + row.met, 0)
  const missed = rows.reduce((sum, row) => sum + row.missed, 0)
  return { met, missed, compliance: met + missed === 0 ? null : Math.round((met / (met + missed)) * 10_000) / 10_000 }
}

function dueCounts(teamId: string): RawBuilder<{ overdue: number; due_soon: number }> {
  return sql`
    select count(*) filter (where ${isOverdue})::integer as overdue,
      count(*) filter (where ${isBreaching})::integer as due_soon
    from tickets as ticket where ticket.team_id = ${teamId} and ${dueAt} < 'infinity'`
}

async function getDueNow(db: Db, teamId: string): Promise<Pick<SlaReport, 'overdue' | 'due_soon' | 'next'>> {
  const {
    rows: [row]
  } = await sql<{ overdue: number; due_soon: number; next: DueTicket[] }>`
    with next as (
      select ticket.id, ticket.ticket_number, ticket.subject, ticket.sla_metric, ticket.sla_state,
        to_char(ticket.sla_due_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as sla_due_at, assignee.full_name as assignee_name,
        case when assignee.id is not null then
          jsonb_build_object('id', assignee.id, 'full_name', assignee.full_name, 'avatar_url', assignee.avatar_url)
        end as assignee
      from tickets as ticket left join profiles as assignee on assignee.id = ticket.assigned_to
      where ticket.team_id = ${teamId} and ${dueAt} > now() and ${dueAt} < 'infinity'
      order by ${dueAt}, ticket.created_at desc, ticket.id desc
      limit 10
    )
    select due.overdue, due.due_soon,
      (select coalesce(jsonb_agg(to_jsonb(next) order by sla_due_at, ticket_number desc), '[]') from next) as next
    from (${dueCounts(teamId)}) as due`.execute(db)
  return row!
}
