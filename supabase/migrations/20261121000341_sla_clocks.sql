-- SLA clocks: one for each promise about a ticket. They remember the policy as it was, and how they counted.

create table public.sla_clocks (
  id uuid primary key default gen_random_uuid(),
  -- Cascades besides the ticket's, so that a team can be deleted with its calendars in one statement.
  team_id uuid not null references public.teams (id) on delete cascade,
  ticket_id uuid not null,
  metric text not null check (metric in ('first_response', 'next_response', 'resolution')),
  -- The next response: which of the client's messages. The resolution: 2 after the first reopening.
  cycle integer not null default 1 check (cycle >= 1),
  policy_id uuid, -- null: it was deleted
  policy jsonb not null, -- the policy as it was: private.policy_snapshot()
  calendar_id uuid, -- null: around the clock
  target_seconds bigint not null check (target_seconds > 0), -- of open hours
  -- Open: pending, imminent (the warning is out), breached. Ended: achieved, missed, cancelled (counts in no report).
  state text not null default 'pending' check (state in ('pending', 'imminent', 'breached', 'achieved', 'missed', 'cancelled')),
  cancel_reason text check (cancel_reason in ('imported', 'resolved', 'message_deleted', 'policy_changed', 'undone')),
  started_at timestamptz not null,
  -- Seconds that were left when the current segment began; when the clock ended, that were left then. Negative: too late.
  remaining_seconds bigint not null,
  warn_at timestamptz, -- null while paused
  due_at timestamptz, -- null while paused, unless the time was over before
  -- What happens next to an open clock: its warning, then its breach. Null while paused, and once it is breached or has ended.
  next_at timestamptz generated always as (
    case state when 'pending' then least(warn_at, due_at) when 'imminent' then due_at end
  ) stored,
  warned_at timestamptz,
  breached_at timestamptz,
  ended_at timestamptz,
  escalated jsonb not null default '[]', -- the escalations of the policy that were taken or passed over; each happens once
  agent_id uuid, -- whose result it is: who answered, or whose ticket was resolved; null: nobody's
  unique (team_id, id),
  unique (team_id, ticket_id, metric, cycle),
  -- Deferred: the trigger that completes a new ticket writes its clocks before the ticket itself.
  constraint sla_clocks_ticket foreign key (team_id, ticket_id) references public.tickets (team_id, id)
    on delete cascade deferrable initially deferred,
  foreign key (team_id, policy_id) references public.sla_policies (team_id, id) on delete set null (policy_id),
  foreign key (team_id, agent_id) references private.team_people (team_id, user_id) on delete set null (agent_id),
  constraint sla_clocks_calendar foreign key (team_id, calendar_id) references public.calendars (team_id, id),
  check ((state = 'cancelled') = (cancel_reason is not null)),
  check ((state in ('achieved', 'missed', 'cancelled')) = (ended_at is not null)),
  check (breached_at is not null or state not in ('breached', 'missed'))
);
alter table public.sla_clocks enable row level security;
-- A ticket has one open clock of a metric.
create unique index sla_clocks_open on public.sla_clocks (ticket_id, metric) where state in ('pending', 'imminent', 'breached');
create index sla_clocks_next on public.sla_clocks (next_at) where next_at is not null; -- what is due
-- Reports and the lists behind them. They read nothing but this index: a row has half a kilobyte of its policy.
create index sla_clocks_ended on public.sla_clocks (team_id, ended_at) include (ticket_id, metric, state, agent_id, policy_id)
  where ended_at is not null;
create index sla_clocks_agent_id on public.sla_clocks (team_id, agent_id) where agent_id is not null; -- the foreign key
create index sla_clocks_policy_id on public.sla_clocks (team_id, policy_id); -- the foreign key
create index sla_clocks_calendar_id on public.sla_clocks (team_id, calendar_id) where calendar_id is not null; -- the foreign key
-- how many a change of a calendar concerns, and their tickets in order
create index sla_clocks_counting on public.sla_clocks (calendar_id, ticket_id)
  where calendar_id is not null and state in ('pending', 'imminent', 'breached');
comment on table public.sla_clocks is 'The promises about a ticket: first response, next response, resolution';

-- Closed hours are no segments: they follow from the calendar.
create table public.sla_segments (
  team_id uuid not null,
  clock_id uuid not null,
  id bigint generated always as identity,
  kind text not null check (kind in ('running', 'paused')),
  reason text check (reason in ('open', 'in_progress', 'waiting', 'snoozed')), -- why it is paused
  from_at timestamptz not null,
  to_at timestamptz, -- null: it goes on
  open_seconds bigint, -- of a running segment that has ended
  primary key (clock_id, id),
  foreign key (team_id, clock_id) references public.sla_clocks (team_id, id) on delete cascade,
  check (to_at >= from_at and (open_seconds is not null) = (kind = 'running' and to_at is not null)),
  check ((kind = 'paused') = (reason is not null))
);
alter table public.sla_segments enable row level security;
create index sla_segments_clock on public.sla_segments (team_id, clock_id); -- the foreign key
create unique index sla_segments_current on public.sla_segments (clock_id) where to_at is null;
comment on table public.sla_segments is 'When a clock ran and when it was paused';

create policy sla_clocks_select_members on public.sla_clocks for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('sla.view'))::uuid[]));
create policy sla_segments_select_members on public.sla_segments for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('sla.view'))::uuid[]));
-- Writing is granted to nobody: the triggers of tickets do it.
grant select on public.sla_clocks, public.sla_segments to authenticated;
grant select, insert, update, delete on public.sla_clocks, public.sla_segments to service_role;

-- Policies and tickets ----------------------------------------------------------------------------------------------------

-- Whether all conditions of a policy hold for a ticket. Names are compared as the search language compares them.
create function private.matches_policy(ticket public.tickets, conditions jsonb) returns boolean
language plpgsql stable security definer set search_path = '' as $$
declare
  condition jsonb;
  wanted text[];
  holds boolean;
begin
  for condition in select entry from jsonb_array_elements(conditions) as entry loop
    wanted := array(select lower(value) from jsonb_array_elements_text(condition -> 'values') as value);
    holds := case condition ->> 'key'
      when 'priority' then ticket.priority = any (wanted)
      when 'severity' then ticket.severity::text = any (wanted)
      when 'channel' then ticket.channel = any (wanted)
      when 'category' then exists (select from public.ticket_categories as category where category.team_id = ticket.team_id
        and category.key = ticket.category and (category.key = any (wanted) or lower(category.name) = any (wanted)))
      when 'tag' then exists (select from public.ticket_tags as label where label.team_id = ticket.team_id
        and label.ticket_id = ticket.id and label.tag = any (wanted))
      when 'project' then exists (select from public.projects as project where project.team_id = ticket.team_id
        and project.id = ticket.project_id and lower(project.name) = any (wanted))
      else exists (
        select from public.contacts as contact
        join public.organizations as organization
          on organization.team_id = contact.team_id and organization.id = contact.organization_id
        where contact.team_id = ticket.team_id and contact.id = ticket.contact_id
          and lower(case condition ->> 'key' when 'tier' then organization.tier else organization.name end) = any (wanted)
      )
    end;
    if holds = (condition ->> 'not')::boolean then
      return false;
    end if;
  end loop;
  return true;
end $$;

-- The first active policy that matches; its id is null if none does.
create function private.policy_of(ticket public.tickets) returns public.sla_policies
language plpgsql stable security definer set search_path = '' as $$
declare
  policy public.sla_policies;
begin
  for policy in
    select row.* from public.sla_policies as row where row.team_id = ticket.team_id and row.is_active
    order by row.position, row.created_at, row.id
  loop
    if private.matches_policy(ticket, policy.conditions) then
      return policy;
    end if;
  end loop;
  return null;
end $$;

-- Seconds of open hours; null: the policy promises nothing for this metric.
create function private.policy_target(policy public.sla_policies, metric text, ticket public.tickets) returns bigint
language plpgsql immutable set search_path = '' as $$
begin
  return (policy.targets -> metric ->> case policy.target_by when 'priority' then ticket.priority else ticket.severity::text end)::bigint;
end $$;

-- What a clock remembers of its calendar.
create function private.calendar_snapshot(calendar_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select jsonb_build_object('id', calendar.id, 'name', calendar.name, 'time_zone', calendar.time_zone, 'version', calendar.version)
    from public.calendars as calendar where calendar.id = calendar_snapshot.calendar_id);
end $$;

-- What a clock remembers of its policy.
create function private.policy_snapshot(policy public.sla_policies, ticket public.tickets) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object(
    'id', policy.id, 'name', policy.name, 'version', policy.version, 'target_by', policy.target_by,
    'level', case policy.target_by when 'priority' then ticket.priority else ticket.severity::text end,
    'pauses', policy.pauses, 'warn_percent', policy.warn_percent, 'reopen_percent', policy.reopen_percent,
    'escalations', policy.escalations, 'calendar', private.calendar_snapshot(policy.calendar_id)
  );
end $$;

-- The open intervals of a clock's calendar during its life, until its due time or now, as [{ opensAt, closesAt }] in milliseconds. Null:
-- around the clock.
create function private.clock_intervals(team_id uuid, clock_id uuid) returns json
language plpgsql stable security definer set search_path = '' as $$
declare
  clock public.sla_clocks;
begin
  select row.* into clock from public.sla_clocks as row where row.team_id = clock_intervals.team_id and row.id = clock_intervals.clock_id;
  if clock.calendar_id is null or not private.has_permission(clock_intervals.team_id, 'sla.view') then
    return null;
  end if;
  return (
    select coalesce(json_agg(json_build_object(
      'opensAt', (extract(epoch from span.opens_at) * 1000)::bigint, 'closesAt', (extract(epoch from span.closes_at) * 1000)::bigint
    ) order by span.opens_at), '[]')
    from private.calendar_intervals as span
    where span.calendar_id = clock.calendar_id and span.closes_at > clock.started_at
      and span.opens_at < coalesce(clock.ended_at, greatest(clock.due_at, now()))
  );
end $$;
grant execute on function private.clock_intervals(uuid, uuid) to authenticated;
