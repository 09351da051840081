-- The clocks of a ticket: which ones its policy starts, and what becomes of them.
-- First response: from the creation to the first public reply of an agent. Next response: from the oldest message of the client without
-- a public answer to that answer; while the clock of the first response runs, that one covers it. Resolution: from the creation to the
-- resolution; each reopening starts another cycle.

create function private.open_clocks(ticket public.tickets) returns setof public.sla_clocks
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select row.* from public.sla_clocks as row
    where row.ticket_id = ticket.id and row.state in ('pending', 'imminent', 'breached');
end $$;

create function private.open_clock(ticket public.tickets, metric text) returns public.sla_clocks
language plpgsql stable security definer set search_path = '' as $$
declare
  clock public.sla_clocks;
begin
  select row.* into clock from public.sla_clocks as row
  where row.ticket_id = ticket.id and row.metric = open_clock.metric and row.state in ('pending', 'imminent', 'breached');
  return clock;
end $$;

-- Starts a clock of the policy of the ticket that has counted since `since`, with the pauses that the events of the ticket tell since
-- then. Nothing if the policy promises nothing for the metric.
create function private.start_policy_clock(ticket public.tickets, policy public.sla_policies, metric text, since timestamptz) returns void
language plpgsql security definer set search_path = '' as $$
declare
  target bigint := private.policy_target(policy, metric, ticket);
  snapshot jsonb;
  change record;
  status text := ticket.status;
  is_snoozed boolean := ticket.snoozed_until is not null;
  reason text;
begin
  if policy.id is null or target is null then
    return;
  end if;
  snapshot := private.policy_snapshot(policy, ticket);
  -- The state at the start: before the first change after it.
  if since < now() then
    select event."from" #>> '{}' into status from public.ticket_events as event
    where event.team_id = ticket.team_id and event.ticket_id = ticket.id and event.type = 'ticket.status_changed'
      and event.created_at > since order by event.id limit 1;
    status := coalesce(status, ticket.status);
    select event."from" is not null and event."from" <> 'null' into is_snoozed from public.ticket_events as event
    where event.team_id = ticket.team_id and event.ticket_id = ticket.id and event.type = 'ticket.snoozed'
      and event.created_at > since order by event.id limit 1;
    is_snoozed := coalesce(is_snoozed, ticket.snoozed_until is not null);
  end if;
  reason := private.pause_reason(snapshot, metric, status, is_snoozed);
  perform private.start_clock(ticket, policy.id, snapshot, policy.calendar_id, metric, target, since, reason);
  if since >= now() then
    return;
  end if;
  for change in
    select event.type, event."to", event.created_at from public.ticket_events as event
    where event.team_id = ticket.team_id and event.ticket_id = ticket.id and event.type in ('ticket.status_changed', 'ticket.snoozed')
      and event.created_at > since order by event.id
  loop
    if change.type = 'ticket.status_changed' then
      status := change."to" #>> '{}';
    else
      is_snoozed := change."to" is not null and change."to" <> 'null';
    end if;
    if reason is distinct from private.pause_reason(snapshot, metric, status, is_snoozed) then
      reason := private.pause_reason(snapshot, metric, status, is_snoozed);
      perform private.turn_clock(private.open_clock(ticket, metric), reason, change.created_at);
    end if;
  end loop;
end $$;

-- Applies the policy that matches a ticket now: to its open clocks, and as new clocks for what was not promised before. `ticket` is as
-- it was before its status changes in this statement.
create function private.apply_policy(ticket public.tickets, policy public.sla_policies) returns void
language plpgsql security definer set search_path = '' as $$
declare
  clock public.sla_clocks;
  target bigint;
begin
  for clock in select row.* from private.open_clocks(ticket) as row loop
    target := private.policy_target(policy, clock.metric, ticket);
    if policy.id is null or target is null then
      perform private.end_clock(clock, ticket, now(), 'policy_changed');
      continue;
    end if;
    if clock.metric = 'resolution' and clock.cycle > 1 then
      target := private.reopened_target(ticket, target, policy.reopen_percent);
    end if;
    if (clock.target_seconds, clock.policy) is distinct from (target, private.policy_snapshot(policy, ticket)) then
      perform private.retarget_clock(clock, policy.id, private.policy_snapshot(policy, ticket), policy.calendar_id, target);
    end if;
  end loop;
  if policy.id is null or ticket.status in ('resolved', 'closed') then
    return;
  end if;
  if ticket.first_response_at is null and not exists (select from public.sla_clocks as row
    where row.team_id = ticket.team_id and row.ticket_id = ticket.id and row.metric = 'first_response') then
    perform private.start_policy_clock(ticket, policy, 'first_response', ticket.created_at);
  end if;
  if not exists (select from public.sla_clocks as row
    where row.team_id = ticket.team_id and row.ticket_id = ticket.id and row.metric = 'resolution') then
    perform private.start_policy_clock(ticket, policy, 'resolution', ticket.created_at);
  end if;
end $$;

-- The target of a further cycle of the resolution: what was left at the end of the first one, but at least a share of the target.
create function private.reopened_target(ticket public.tickets, target bigint, percent integer) returns bigint
language plpgsql stable security definer set search_path = '' as $$
begin
  return greatest(1, ceil(target * percent / 100.0)::bigint, (
    select target - (row.target_seconds - row.remaining_seconds) from public.sla_clocks as row
    where row.team_id = ticket.team_id and row.ticket_id = ticket.id and row.metric = 'resolution' and row.cycle = 1
  ));
end $$;

-- The ticket's columns about its clocks: the open one that is due next.
create function private.show_next_clock(ticket inout public.tickets)
language plpgsql stable security definer set search_path = '' as $$
begin
  select row.metric, case when row.due_at is null then 'paused' else row.state end, row.due_at
  into ticket.sla_metric, ticket.sla_state, ticket.sla_due_at
  from public.sla_clocks as row where row.ticket_id = ticket.id and row.state in ('pending', 'imminent', 'breached')
  order by row.due_at nulls last, row.remaining_seconds limit 1;
end $$;

-- Continues the clocks that ended at `ended`, as if they had not: the undo of a bulk operation opens the ticket again.
create function private.continue_clocks(ticket public.tickets, ended timestamptz) returns void
language plpgsql security definer set search_path = '' as $$
declare
  clock public.sla_clocks;
  counted bigint;
begin
  for clock in
    select row.* from public.sla_clocks as row
    where row.team_id = ticket.team_id and row.ticket_id = ticket.id and row.ended_at = ended
      and (row.state in ('achieved', 'missed') or row.cancel_reason = 'resolved')
  loop
    select coalesce(row.open_seconds, 0) into counted from public.sla_segments as row
      where row.clock_id = clock.id order by row.id desc limit 1;
    update public.sla_segments as row set to_at = null, open_seconds = null
    where row.clock_id = clock.id and row.id = (select max(last.id) from public.sla_segments as last where last.clock_id = clock.id);
    clock.remaining_seconds := clock.remaining_seconds + counted;
    clock.state := case when clock.state = 'missed' then 'breached' when clock.warned_at is not null then 'imminent' else 'pending' end;
    clock.cancel_reason := null;
    clock.ended_at := null;
    clock.agent_id := null;
    perform private.store_clock(clock);
  end loop;
end $$;

-- Stores it, outside the triggers of the ticket. The caller has locked the ticket.
create function private.store_next_clock(ticket public.tickets) returns void
language plpgsql security definer set search_path = '' as $$
declare
  shown public.tickets := private.show_next_clock(ticket);
begin
  update public.tickets as row set sla_metric = shown.sla_metric, sla_state = shown.sla_state, sla_due_at = shown.sla_due_at
  where row.team_id = ticket.team_id and row.id = ticket.id
    and (row.sla_metric, row.sla_state, row.sla_due_at) is distinct from (shown.sla_metric, shown.sla_state, shown.sla_due_at);
end $$;

-- Applies the policy that matches now, after tags or the policies themselves changed.
create function private.reapply_policy(team_id uuid, ticket_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  ticket public.tickets;
begin
  select row.* into ticket from public.tickets as row
  where row.team_id = reapply_policy.team_id and row.id = reapply_policy.ticket_id and row.status not in ('resolved', 'closed')
  for no key update;
  if found then
    perform private.apply_policy(ticket, private.policy_of(ticket));
    perform private.store_next_clock(ticket);
  end if;
end $$;
