-- SLA clocks, the rules: when a clock starts, pauses, goes on and ends. Triggers of tickets apply them for every writer. Fractions of a
-- second are cut, so that the segments of a clock add up.

-- Like private.add_open(), but a time beyond the calendar is its end: writing a ticket must not fail for that.
create function private.add_open_covered(calendar uuid, start timestamptz, seconds bigint) returns timestamptz
language plpgsql stable set search_path = '' as $$
begin
  return private.add_open(calendar, start, seconds);
exception when sqlstate 'PT422' then
  return (select row.covered_until from public.calendars as row where row.id = calendar);
end $$;

create function private.open_between_covered(calendar uuid, a timestamptz, b timestamptz) returns bigint
language plpgsql stable set search_path = '' as $$
begin
  return private.open_between(calendar, a, b);
exception when sqlstate 'PT422' then
  return private.open_between(calendar,
    (select least(greatest(a, row.covered_from), row.covered_until) from public.calendars as row where row.id = calendar),
    (select least(greatest(b, row.covered_from), row.covered_until) from public.calendars as row where row.id = calendar));
end $$;

-- Why a ticket pauses a metric; null: it runs.
create function private.pause_reason(policy jsonb, metric text, status text, is_snoozed boolean) returns text
language plpgsql immutable set search_path = '' as $$
declare
  reasons jsonb := policy -> 'pauses' -> metric;
begin
  return case when reasons ? status then status when is_snoozed and reasons ? 'snoozed' then 'snoozed' end;
end $$;

-- Sets the times of a clock whose current segment runs since `since`. A time that has passed is not moved by a pause after it.
create function private.set_clock_times(clock inout public.sla_clocks, since timestamptz)
language plpgsql stable set search_path = '' as $$
declare
  -- the share that is left after the warning
  margin bigint := clock.target_seconds - ceil(clock.target_seconds * (clock.policy ->> 'warn_percent')::numeric / 100)::bigint;
begin
  clock.due_at := private.add_open_covered(clock.calendar_id, since, greatest(clock.remaining_seconds, 0));
  clock.warn_at := private.add_open_covered(clock.calendar_id, since, greatest(clock.remaining_seconds - margin, 0));
end $$;

-- Starts a clock, paused if `reason` says why.
create function private.start_clock(ticket public.tickets, policy_id uuid, policy jsonb, calendar_id uuid, metric text, target bigint,
    since timestamptz, reason text)
  returns void
language plpgsql security definer set search_path = '' as $$
declare
  clock public.sla_clocks;
begin
  clock.id := gen_random_uuid();
  clock.team_id := ticket.team_id;
  clock.ticket_id := ticket.id;
  clock.metric := start_clock.metric;
  clock.cycle := 1 + coalesce((select max(earlier.cycle) from public.sla_clocks as earlier
    where earlier.team_id = ticket.team_id and earlier.ticket_id = ticket.id and earlier.metric = start_clock.metric), 0);
  clock.policy_id := start_clock.policy_id;
  clock.policy := start_clock.policy;
  clock.calendar_id := start_clock.calendar_id;
  clock.target_seconds := target;
  clock.remaining_seconds := target;
  clock.state := 'pending';
  clock.started_at := date_trunc('second', since);
  if reason is null then
    clock := private.set_clock_times(clock, clock.started_at);
  end if;
  insert into public.sla_clocks (id, team_id, ticket_id, metric, cycle, policy_id, policy, calendar_id, target_seconds, remaining_seconds,
    state, started_at, warn_at, due_at)
  values (clock.id, clock.team_id, clock.ticket_id, clock.metric, clock.cycle, clock.policy_id, clock.policy, clock.calendar_id,
    clock.target_seconds, clock.remaining_seconds, clock.state, clock.started_at, clock.warn_at, clock.due_at);
  insert into public.sla_segments (team_id, clock_id, kind, reason, from_at)
  values (clock.team_id, clock.id, case when reason is null then 'running' else 'paused' end, start_clock.reason, clock.started_at);
end $$;

-- Ends the current segment of a clock at `at`, and takes what it counted from the remaining seconds.
create function private.end_segment(clock inout public.sla_clocks, at timestamptz)
language plpgsql security definer set search_path = '' as $$
declare
  counted bigint;
begin
  update public.sla_segments as row set
    to_at = greatest(date_trunc('second', at), row.from_at),
    open_seconds = case row.kind when 'running'
      then private.open_between_covered(clock.calendar_id, row.from_at, greatest(date_trunc('second', at), row.from_at)) end
  where row.clock_id = clock.id and row.to_at is null returning row.open_seconds into counted;
  clock.remaining_seconds := clock.remaining_seconds - coalesce(counted, 0);
end $$;

create function private.store_clock(clock public.sla_clocks) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.sla_clocks as row set
    policy_id = clock.policy_id, policy = clock.policy, calendar_id = clock.calendar_id, target_seconds = clock.target_seconds,
    state = clock.state, cancel_reason = clock.cancel_reason, remaining_seconds = clock.remaining_seconds, warn_at = clock.warn_at,
    due_at = clock.due_at, warned_at = clock.warned_at, breached_at = clock.breached_at, ended_at = clock.ended_at,
    agent_id = clock.agent_id
  where row.id = clock.id;
end $$;

-- Pauses a running clock, or lets a paused one go on.
create function private.turn_clock(clock public.sla_clocks, reason text, at timestamptz) returns void
language plpgsql security definer set search_path = '' as $$
declare
  since timestamptz;
begin
  clock := private.end_segment(clock, at);
  select max(row.to_at) into since from public.sla_segments as row where row.clock_id = clock.id;
  if reason is not null and (clock.due_at is null or clock.due_at > since) then
    clock.due_at := null;
    clock.warn_at := null;
  elsif reason is null and clock.due_at is null then
    clock := private.set_clock_times(clock, since);
  end if;
  insert into public.sla_segments (team_id, clock_id, kind, reason, from_at)
  values (clock.team_id, clock.id, case when reason is null then 'running' else 'paused' end, turn_clock.reason, since);
  perform private.store_clock(clock);
end $$;

-- Ends a clock and its segment: achieved if its time was not over, else missed. A clock that ends with `cancel_reason` in time is
-- cancelled.
create function private.end_clock(clock public.sla_clocks, ticket public.tickets, at timestamptz, cancel_reason text default null)
  returns void
language plpgsql security definer set search_path = '' as $$
declare
  caller uuid := case when private.acting_contact_id() is null then (select auth.uid()) end;
  agent uuid := case clock.metric when 'resolution' then coalesce(ticket.assigned_to, caller) else coalesce(caller, ticket.assigned_to) end;
  clock_end timestamptz := greatest(date_trunc('second', at), clock.started_at);
  is_late boolean := coalesce(clock.due_at < clock_end, false);
begin
  clock := private.end_segment(clock, at);
  update public.sla_clocks as row set
    remaining_seconds = clock.remaining_seconds,
    state = case when is_late then 'missed' when end_clock.cancel_reason is not null then 'cancelled' else 'achieved' end,
    cancel_reason = case when not is_late then end_clock.cancel_reason end,
    breached_at = case when is_late then coalesce(row.breached_at, row.due_at) else row.breached_at end,
    ended_at = clock_end, agent_id = agent
  where row.id = clock.id;
end $$;

-- Gives an open clock another target, or another policy. It counts from the same start: the remaining seconds follow from its segments.
create function private.retarget_clock(clock public.sla_clocks, policy_id uuid, policy jsonb, calendar_id uuid, target bigint)
  returns void
language plpgsql security definer set search_path = '' as $$
declare
  segment public.sla_segments;
  was_late boolean := clock.state = 'breached';
begin
  clock.policy_id := retarget_clock.policy_id;
  clock.policy := retarget_clock.policy;
  clock.target_seconds := target;
  if retarget_clock.calendar_id is distinct from clock.calendar_id then
    clock.calendar_id := retarget_clock.calendar_id;
    update public.sla_segments as row set open_seconds = private.open_between_covered(clock.calendar_id, row.from_at, row.to_at)
    where row.clock_id = clock.id and row.open_seconds is not null;
  end if;
  clock.remaining_seconds := target;
  clock.due_at := null;
  clock.warn_at := null;
  for segment in select row.* from public.sla_segments as row where row.clock_id = clock.id order by row.id loop
    if segment.kind = 'running' then
      if clock.due_at is null then -- else the time was over within an earlier segment
        clock := private.set_clock_times(clock, segment.from_at);
        if clock.due_at > segment.to_at then
          clock.due_at := null;
          clock.warn_at := null;
        end if;
      end if;
      clock.remaining_seconds := clock.remaining_seconds - coalesce(segment.open_seconds, 0);
    end if;
  end loop;
  if was_late and clock.due_at <= now() then
    clock.state := 'breached';
  else
    clock.breached_at := null;
    clock.state := case when clock.warned_at is not null and coalesce(clock.warn_at, now()) <= now() then 'imminent' else 'pending' end;
  end if;
  perform private.store_clock(clock);
end $$;
