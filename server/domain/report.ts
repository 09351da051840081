import { sql, type RawBuilder } from 'kysely'
import type { ReportWindow } from '#shared/utils/report'
import type { ReportSummary } from '#shared/types/api'
import type { Db } from '../db/types'
import { notFound } from './refusal'
import { slaFigures } from './sla/report'

export async function getReport(db: Db, teamId: string, window: ReportWindow, now = new Date()): Promise<ReportSummary> {
  const {
    rows: [row]
  } = await sql<ReportSummary>`
    with span as (
      select zone, first, today,
        private.day_start(before, zone) as before_at, private.day_start(first, zone) as first_at, private.day_start(today + 1, zone) as end_at,
        array(select private.day_start(day, zone) from generate_series(0, today - first) as number, lateral (select first + number as day) as next order by number) as starts
      from (
        select time_zone as zone, today, today - ${window - 1}::integer as first, today - ${2 * window - 1}::integer as before
        from teams, lateral (select private.day_of(${now}::timestamptz, time_zone) as today) as local
        where id = ${teamId}
      ) as days
    ),
    -- Every ticket that counts for any figure, read once.
    counted as materialized (
      select id, category, severity, assigned_to, resolved_at,
        status in ('open', 'in_progress', 'waiting') as is_open,
        created_at,
        ${period('created_at')} as created_in,
        ${period('resolved_at')} as resolved_in,
        ${period('first_response_at')} as answered_in,
        (select first from span) + nullif(width_bucket(created_at, (select starts from span)), 0) - 1 as created_on,
        (select first from span) + nullif(width_bucket(resolved_at, (select starts from span)), 0) - 1 as resolved_on,
        extract(epoch from resolved_at - created_at)::float8 / 3600 as resolution,
        extract(epoch from first_response_at - created_at)::float8 / 3600 as response
      from tickets
      where team_id = ${teamId}
        and (status in ('open', 'in_progress', 'waiting') or created_at >= (select before_at from span)
          or resolved_at >= (select before_at from span) or first_response_at >= (select before_at from span))
    ),
    -- What clients were asked in the window, and in the one before.
    asked as (
      select rating.ticket_id, rating.cycle, rating.score, rating.comment, rating.rated_at, rating.assigned_to as user_id, rating.contact_id,
        ticket.ticket_number, ticket.subject, ticket.category, ${period('rating.asked_at')} as asked_in
      from ticket_ratings as rating join tickets as ticket on ticket.id = rating.ticket_id
      where rating.team_id = ${teamId} and rating.asked_at >= (select before_at from span)
    ),
    satisfaction as (
      select
        count(*) filter (where asked_in = 1) as asked, count(score) filter (where asked_in = 1) as rated,
        avg(score) filter (where asked_in = 1) as average,
        count(*) filter (where asked_in = 0) as asked_before, count(score) filter (where asked_in = 0) as rated_before,
        avg(score) filter (where asked_in = 0) as average_before
      from asked
    ),
    distribution as (
      select number as score, count(asked.score) as ratings
      from generate_series(1, 5) as number left join asked on asked.score = number and asked.asked_in = 1
      group by number
    ),
    feed as (
      select asked.ticket_number, asked.subject, asked.score, asked.comment, asked.rated_at, asked.ticket_id,
        private.contact_name(${teamId}, asked.contact_id) as contact, agent.full_name as agent
      from asked left join profiles as agent on agent.id = asked.user_id
      where asked.asked_in = 1 and asked.comment is not null
      order by asked.rated_at desc, asked.ticket_id limit 20
    ),
    rated_agents as (
      select user_id, count(*) as asked, count(score) as rated, avg(score) as average from asked where asked_in = 1 group by user_id
    ),
    rated_categories as (
      select category, count(*) as asked, count(score) as rated, avg(score) as average from asked where asked_in = 1 group by category
    ),
    totals as (
      select
        count(*) filter (where created_in = 1) as created,
        count(*) filter (where resolved_in = 1) as resolved,
        count(*) filter (where created_in = 0) as created_before,
        count(*) filter (where resolved_in = 0) as resolved_before,
        percentile_cont(array[0.5, 0.9]) within group (order by resolution) filter (where resolved_in = 1) as resolution,
        percentile_cont(array[0.5, 0.9]) within group (order by response) filter (where answered_in = 1) as response,
        percentile_cont(0.5) within group (order by resolution) filter (where resolved_in = 0) as resolution_before,
        percentile_cont(0.5) within group (order by response) filter (where answered_in = 0) as response_before,
        count(*) filter (where is_open and created_at < ${now}::timestamptz - interval '7 days') as over7d,
        count(*) filter (where is_open and created_at < ${now}::timestamptz - interval '14 days') as over14d
      from counted
    ),
    severities as (
      select level, coalesce(queue.open, 0) as open
      from generate_series(1, 5) as level
      left join (select severity, count(*) as open from counted where is_open group by severity) as queue on queue.severity = level
    ),
    days as (
      select day::date as day, coalesce(created_tickets.tickets, 0) as created, coalesce(resolved_tickets.tickets, 0) as resolved
      from span, generate_series(span.first, span.today, interval '1 day') as day
      left join (select created_on, count(*) as tickets from counted where created_in = 1 group by created_on) as created_tickets on created_tickets.created_on = day
      left join (select resolved_on, count(*) as tickets from counted where resolved_in = 1 group by resolved_on) as resolved_tickets on resolved_tickets.resolved_on = day
    ),
    queues as (
      select category,
        count(*) filter (where is_open) as open,
        count(*) filter (where created_in = 1) as created,
        count(*) filter (where resolved_in = 1) as resolved,
        percentile_cont(0.5) within group (order by resolution) filter (where resolved_in = 1) as resolution
      from counted group by category
    ),
    categories as (
      select category.id, category.key, category.name, category.position,
        coalesce(queue.open, 0) as open, coalesce(queue.created, 0) as created, coalesce(queue.resolved, 0) as resolved, queue.resolution,
        coalesce(rated.asked, 0) as asked, coalesce(rated.rated, 0) as rated, rated.average
      from ticket_categories as category left join queues as queue on queue.category = category.key
      left join rated_categories as rated on rated.category = category.key
      where category.team_id = ${teamId}
    ),
    work as (
      select assigned_to as user_id,
        count(*) filter (where is_open) as open,
        percentile_cont(0.5) within group (order by response) filter (where answered_in = 1) as response
      from counted group by assigned_to
    ),
    -- The assignee at the time of the resolution: the previous assignee of the first later assignment. Nobody for a deleted account.
    solved as (
      select case when since.id is null then counted.assigned_to else (select profile.id from profiles as profile where profile.id = (since."from" ->> 'id')::uuid) end as user_id,
        count(*) as resolved, percentile_cont(0.5) within group (order by resolution) as resolution
      from counted
      left join lateral (
        select entry.id, entry."from" from ticket_events as entry
        where entry.team_id = ${teamId} and entry.ticket_id = counted.id and entry.type = 'ticket.assigned' and entry.created_at > counted.resolved_at
        order by entry.id limit 1
      ) as since on true
      where counted.resolved_in = 1
      group by 1
    ),
    written as (
      select reply.user_id, count(*) as replies
      from ticket_replies as reply
      where reply.team_id = ${teamId} and not reply.is_internal and reply.author_kind = 'agent' and reply.external_author is null
        and reply.created_at >= (select first_at from span) and reply.created_at < (select end_at from span)
      group by reply.user_id
    ),
    members as (select user_id, role from team_members where team_id = ${teamId}),
    agents as (
      select person.user_id, profile.full_name as name, profile.avatar_url, exists (select from members where members.user_id = person.user_id) as is_member,
        coalesce(work.open, 0) as open, coalesce(solved.resolved, 0) as resolved, solved.resolution, work.response, coalesce(written.replies, 0) as replies,
        coalesce(rated.asked, 0) as asked, coalesce(rated.rated, 0) as rated, rated.average
      from (
        select user_id from members where role <> 'viewer'
        union select user_id from written
        union select user_id from solved
        union select user_id from rated_agents where rated > 0
        union select user_id from work where user_id is null and open > 0
      ) as person
      left join profiles as profile on profile.id = person.user_id
      left join work on work.user_id is not distinct from person.user_id
      left join solved on solved.user_id is not distinct from person.user_id
      left join written on written.user_id = person.user_id
      left join rated_agents as rated on rated.user_id is not distinct from person.user_id
    )
    select ${window}::integer as window, span.zone as time_zone, span.first::text as "from", span.today::text as "to",
      totals.created::integer, totals.resolved::integer,
      ${hours('totals.resolution[1]')} as median_resolution_hours,
      ${hours('totals.resolution[2]')} as p90_resolution_hours,
      ${hours('totals.response[1]')} as median_first_response_hours,
      ${hours('totals.response[2]')} as p90_first_response_hours,
      jsonb_build_object('created', totals.created_before, 'resolved', totals.resolved_before,
        'median_resolution_hours', ${hours('totals.resolution_before')}, 'median_first_response_hours', ${hours('totals.response_before')}) as previous,
      jsonb_build_object('over7d', totals.over7d, 'over14d', totals.over14d) as aging,
      (select jsonb_object_agg(level, open) from severities) as open_by_severity,
      (
        select jsonb_build_object('asked', asked, 'rated', rated, 'average_rating', round(average, 2),
          'previous', jsonb_build_object('asked', asked_before, 'rated', rated_before, 'average_rating', round(average_before, 2)),
          'distribution', (select jsonb_object_agg(score, ratings) from distribution),
          'comments', ${list('feed', `jsonb_build_object('ticket_number', ticket_number, 'subject', subject, 'score', score, 'comment', comment, 'contact', contact, 'agent', agent, 'rated_at', to_char(rated_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))`, 'rated_at desc, ticket_id')})
        from satisfaction
      ) as satisfaction,
      ${slaFigures(teamId, sql`span.first_at`, sql`span.end_at`)} as sla,
      ${list('categories', `jsonb_build_object('category_id', id, 'key', key, 'name', name, 'open', open)`, 'open desc, position, name collate "und-x-icu"')} as queue_load,
      ${list('days', `jsonb_build_object('date', day, 'created', created, 'resolved', resolved)`, 'day')} as created_vs_resolved,
      ${list(
        'agents',
        `jsonb_build_object('user_id', user_id, 'name', name, 'avatar_url', avatar_url, 'is_member', is_member, 'assigned_open', open, 'resolved', resolved,
        'median_resolution_hours', round(resolution::numeric, 2), 'median_first_response_hours', round(response::numeric, 2), 'replies', replies, 'asked', asked, 'rated', rated,
        'average_rating', round(average, 2))`,
        'user_id is null, resolved desc, replies desc, open desc, name collate "und-x-icu", user_id'
      )} as per_agent,
      ${list(
        'categories',
        `jsonb_build_object('key', key, 'name', name, 'created', created, 'resolved', resolved, 'open', open, 'median_resolution_hours', round(resolution::numeric, 2),
        'asked', asked, 'rated', rated, 'average_rating', round(average, 2))`,
        'position, name collate "und-x-icu"'
      )} as per_category
    from span, totals`.execute(db)
  if (!row) throw notFound()
  return row
}

// 1 for a time in the window, 0 for a time in the same number of days before it.
function period(instant: string): RawBuilder<number | null> {
  return sql.raw(
    `case when ${instant} >= (select end_at from span) then null when ${instant} >= (select first_at from span) then 1 when ${instant} >= (select before_at from span) then 0 end`
  )
}

function hours(expression: string): RawBuilder<number | null> {
  return sql.raw(`round((${expression})::numeric, 2)::float8`)
}

function list(rows: string, item: string, order: string): RawBuilder<unknown> {
  return sql.raw(`(select coalesce(jsonb_agg(${item} order by ${order}), '[]') from ${rows})`)
}
