-- Triggers: what each change of a ticket means for its clocks.

create function private.tg_ticket_tags__apply_policies() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.reapply_policy(written.team_id, written.ticket_id)
  from (select distinct changed.team_id, changed.ticket_id from changed order by changed.ticket_id) as written
  where private.current_channel() <> 'import' and exists (
    select from public.sla_policies as policy
    where policy.team_id = written.team_id and policy.is_active and policy.conditions @> '[{"key": "tag"}]'
  );
  return null;
end $$;
create trigger _700_apply_policies_insert after insert on public.ticket_tags
  referencing new table as changed for each statement execute function private.tg_ticket_tags__apply_policies();
create trigger _700_apply_policies_delete after delete on public.ticket_tags
  referencing old table as changed for each statement execute function private.tg_ticket_tags__apply_policies();

create function private.tg_tickets__start_clocks() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  policy public.sla_policies := private.policy_of(new);
  metric text;
begin
  if policy.id is null then
    return new;
  end if;
  if private.current_channel() = 'import' then
    -- What another helpdesk promised is unknown. Later messages of the client have clocks.
    insert into public.sla_clocks (team_id, ticket_id, metric, policy_id, policy, calendar_id, target_seconds, remaining_seconds, state,
      cancel_reason, started_at, ended_at)
    select new.team_id, new.id, promise.metric, policy.id, private.policy_snapshot(policy, new), policy.calendar_id, promise.target,
      promise.target, 'cancelled', 'imported', new.created_at, new.created_at
    from (select key as metric, private.policy_target(policy, key, new) as target from jsonb_object_keys(policy.targets) as key) as promise
    where promise.target is not null and promise.metric <> 'next_response';
  elsif new.status not in ('resolved', 'closed') then
    foreach metric in array array['first_response', 'resolution'] loop
      perform private.start_policy_clock(new, policy, metric, new.created_at);
    end loop;
    if private.policy_target(policy, 'first_response', new) is null then
      perform private.start_policy_clock(new, policy, 'next_response', new.created_at);
    end if;
    new := private.show_next_clock(new);
  end if;
  return new;
end $$;
create trigger _450_start_clocks before insert on public.tickets
  for each row execute function private.tg_tickets__start_clocks();

create function private.tg_tickets__run_clocks() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  was_over boolean := old.status in ('resolved', 'closed');
  is_over boolean := new.status in ('resolved', 'closed');
  is_undone boolean := was_over <> is_over and exists (select from private.bulk_operation_tickets as row
    where row.ticket_id = old.id and row.state = 'restoring' and row.before ->> 'status' = new.status);
  clock public.sla_clocks;
  reason text;
begin
  -- Another policy or level. The status of this statement counts from now on, so the history ends with the one before.
  if (new.priority, new.severity, new.category, new.project_id, new.contact_id)
    is distinct from (old.priority, old.severity, old.category, old.project_id, old.contact_id) and not was_over then
    declare
      before public.tickets := new;
    begin
      before.status := old.status;
      before.snoozed_until := old.snoozed_until;
      before.first_response_at := old.first_response_at;
      perform private.apply_policy(before, private.policy_of(new));
    end;
  end if;

  -- Answers, and messages that wait for one.
  if old.first_response_at is null and new.first_response_at is not null then
    clock := private.open_clock(new, 'first_response');
    if clock.id is not null then
      perform private.end_clock(clock, new, new.first_response_at);
    end if;
  end if;
  if old.awaiting_reply_since is not null and new.awaiting_reply_since is null and not is_over then
    clock := private.open_clock(new, 'next_response');
    if clock.id is not null then
      perform private.end_clock(clock, new, now(), case when new.reply_count < old.reply_count then 'message_deleted' end);
    end if;
  end if;

  if is_over and not was_over then
    for clock in select row.* from private.open_clocks(new) as row loop
      perform private.end_clock(clock, new, now(), case when is_undone then 'undone' when clock.metric <> 'resolution' then 'resolved' end);
    end loop;
  elsif was_over and not is_over then
    select row.* into clock from public.sla_clocks as row
    where row.team_id = new.team_id and row.ticket_id = new.id and row.metric = 'resolution' order by row.cycle desc limit 1;
    if is_undone then
      perform private.continue_clocks(new, clock.ended_at);
    elsif clock.id is null then
      perform private.start_policy_clock(new, private.policy_of(new), 'resolution', now());
    else
      perform private.start_clock(new, clock.policy_id, clock.policy, clock.calendar_id, 'resolution',
        private.reopened_target(new, (select first.target_seconds from public.sla_clocks as first
          where first.team_id = new.team_id and first.ticket_id = new.id and first.metric = 'resolution' and first.cycle = 1),
          (clock.policy ->> 'reopen_percent')::integer),
        now(), private.pause_reason(clock.policy, 'resolution', new.status, new.snoozed_until is not null));
    end if;
  end if;

  if new.awaiting_reply_since is not null and (old.awaiting_reply_since is null or was_over) and private.current_channel() <> 'import'
    and (private.open_clock(new, 'first_response')).id is null and (private.open_clock(new, 'next_response')).id is null then
    perform private.start_policy_clock(new, private.policy_of(new), 'next_response', new.awaiting_reply_since);
  end if;

  if not is_over and (new.status <> old.status or (new.snoozed_until is null) <> (old.snoozed_until is null)) then
    for clock in select row.* from private.open_clocks(new) as row loop
      reason := private.pause_reason(clock.policy, clock.metric, new.status, new.snoozed_until is not null);
      if reason is distinct from (select row.reason from public.sla_segments as row
        where row.clock_id = clock.id and row.to_at is null) then
        perform private.turn_clock(clock, reason, now());
      end if;
    end loop;
  end if;
  new := private.show_next_clock(new);
  return new;
end $$;
create trigger _450_run_clocks before update on public.tickets
  for each row when (
    (new.status, new.priority, new.severity, new.category, new.project_id, new.contact_id, new.first_response_at,
      new.awaiting_reply_since)
    is distinct from
    (old.status, old.priority, old.severity, old.category, old.project_id, old.contact_id, old.first_response_at,
      old.awaiting_reply_since)
    or (new.snoozed_until is null) <> (old.snoozed_until is null)
  )
  execute function private.tg_tickets__run_clocks();
