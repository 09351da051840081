import { sql } from 'kysely'
import type { TeamStats } from '#shared/types/api'
import type { Db } from '../db/types'
import { notFound } from './refusal'
import { slaFigures } from './sla/report'

/**
 * The figures of the dashboard. "Open" means the status open or in progress. The month is the calendar month of `now` in the team's time
 * zone. Throws 404 for an unknown team.
 */
export async function getStats(db: Db, teamId: string, now = new Date()): Promise<TeamStats> {
  const {
    rows: [stats]
  } = await sql<TeamStats>`
    with
    month as (
      select
        private.day_start((first - interval '1 month')::date, time_zone) as previous,
        private.day_start(first, time_zone) as start,
        private.day_start((first + interval '1 month')::date, time_zone) as next
      from (select time_zone, date_trunc('month', private.day_of(${now}::timestamptz, time_zone))::date as first from teams where id = ${teamId}) as team
    ),
    -- All figures about unresolved tickets are sums of these few rows.
    unresolved as materialized (
      select status, priority, category, assigned_to, count(*) as tickets
      from tickets
      where team_id = ${teamId} and status in ('open', 'in_progress', 'waiting')
      group by status, priority, category, assigned_to
    ),
    open as (
      select * from unresolved where status <> 'waiting'
    ),
    resolved as (
      select
        count(*) filter (where resolved_at >= month.start) as this_month,
        count(*) filter (where resolved_at < month.start) as last_month,
        avg(extract(epoch from first_response_at - created_at)) filter (where resolved_at >= month.start) / 3600 as response_hours
      from tickets, month
      where team_id = ${teamId} and resolved_at >= month.previous and resolved_at < month.next
    ),
    satisfaction as (
      select count(*)::integer as asked, count(score)::integer as rated, round(avg(score), 2)::float8 as average_rating
      from ticket_ratings, month
      where team_id = ${teamId} and asked_at >= month.start and asked_at < month.next
    ),
    by_category as (
      select open.category, coalesce(category.name, open.category) as name, sum(open.tickets)::integer as count
      from open left join ticket_categories as category on category.team_id = ${teamId} and category.key = open.category
      group by open.category, category.name
    ),
    by_priority as (
      select priority, sum(tickets)::integer as count, array_position(array['urgent', 'high', 'normal', 'low'], priority) as rank
      from open group by priority
    ),
    workload as (
      select profile.id as user_id, profile.full_name as agent_name, profile.avatar_url,
        coalesce(sum(open.tickets) filter (where open.status = 'open'), 0)::integer as open_count,
        coalesce(sum(open.tickets) filter (where open.status = 'in_progress'), 0)::integer as in_progress_count,
        coalesce(sum(open.tickets) filter (where open.status = 'waiting'), 0)::integer as waiting_count
      from unresolved as open join profiles as profile on profile.id = open.assigned_to
      group by profile.id
    ),
    recent as (
      select ticket.id, ticket.ticket_number, ticket.subject, ticket.status, ticket.priority,
        to_char(ticket.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as created_at, ticket.reply_count,
        assignee.full_name as assignee_name,
        case when assignee.id is not null then jsonb_build_object('id', assignee.id, 'full_name', assignee.full_name, 'avatar_url', assignee.avatar_url) end as assignee
      from tickets as ticket left join profiles as assignee on assignee.id = ticket.assigned_to
      where ticket.team_id = ${teamId}
      order by ticket.created_at desc, ticket.id desc
      limit 10
    )
    select
      month.start as month_start,
      (select coalesce(sum(tickets), 0)::integer from open) as open_tickets,
      (select coalesce(sum(tickets), 0)::integer from open where assigned_to is null) as unassigned_tickets,
      (select coalesce(sum(tickets), 0)::integer from unresolved where status = 'waiting') as waiting_tickets,
      resolved.this_month::integer as resolved_this_month,
      resolved.last_month::integer as resolved_last_month,
      (select to_jsonb(satisfaction) from satisfaction) as satisfaction,
      ${slaFigures(teamId, sql`month.start`, sql`month.next`)} as sla,
      round(resolved.response_hours, 2)::double precision as avg_first_response_hours,
      (select coalesce(jsonb_agg(to_jsonb(by_category) order by count desc, name collate "und-x-icu", category), '[]') from by_category) as tickets_by_category,
      (select coalesce(jsonb_agg(to_jsonb(by_priority) - 'rank' order by rank), '[]') from by_priority) as tickets_by_priority,
      (select coalesce(jsonb_agg(to_jsonb(recent) order by created_at desc, id desc), '[]') from recent) as recent_tickets,
      (select coalesce(jsonb_agg(to_jsonb(workload) order by open_count + in_progress_count desc, waiting_count desc, agent_name collate "und-x-icu", user_id), '[]') from workload) as agent_workload
    from month, resolved
  `.execute(db)
  if (!stats) throw notFound()
  return stats
}
