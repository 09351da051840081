-- SLA clocks over time: warnings, breaches, and their events.

-- Integrations hear of an event at once. Members do so when the calendar is open, so that nobody is notified at night.
create function private.notify_when_open(team_id uuid, event_id bigint, calendar_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  opening timestamptz := private.add_open_covered(notify_when_open.calendar_id, now(), 0);
begin
  if opening <= now() then
    return;
  end if;
  update private.event_outbox as entry set audience = 'integrations'
  where entry.event_id = notify_when_open.event_id and entry.audience = 'all';
  if found then
    insert into private.event_outbox (event_id, team_id, audience, next_attempt_at)
    values (notify_when_open.event_id, notify_when_open.team_id, 'members', opening);
  end if;
end $$;

-- The change of the level that made a clock overdue: it came when the new due time was over already. Null for a clock whose time ran out.
create function private.breaching_change(clock public.sla_clocks) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select jsonb_build_object('type', entry.type, 'from', entry."from", 'to', entry."to") from public.ticket_events as entry
    where entry.team_id = clock.team_id and entry.ticket_id = clock.ticket_id and entry.created_at > clock.breached_at
      and entry.type = 'ticket.' || (clock.policy ->> 'target_by') || '_changed'
    order by entry.id desc limit 1
  );
end $$;

-- One event each for the warning, the breach and the success of a clock, at the end of the transaction, so that it follows the event of
-- the change that caused it.
create function private.tg_sla_clocks__record_event() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  ticket_number integer;
  event public.ticket_events;
begin
  select ticket.ticket_number into ticket_number from public.tickets as ticket where ticket.id = new.ticket_id;
  if not found then
    return null; -- the ticket was deleted in the same transaction
  end if;
  event := private.new_event(new.team_id, new.ticket_id, ticket_number, tg_argv[0], null, jsonb_build_object(
    'metric', new.metric, 'cycle', new.cycle, 'policy', new.policy -> 'name', 'target_seconds', new.target_seconds,
    'remaining_seconds', case when new.ended_at is not null then new.remaining_seconds end,
    'due_at', coalesce(new.due_at, new.breached_at)
  ) || case tg_argv[0] when 'ticket.sla_breached' then jsonb_build_object('change', private.breaching_change(new)) else '{}' end,
    null, now());
  perform private.write_event(event);
  if tg_argv[0] <> 'ticket.sla_met' then
    perform private.notify_when_open(event.team_id, event.id, new.calendar_id);
  end if;
  return null;
end $$;
create constraint trigger sla_clocks__record_warning after update on public.sla_clocks
  deferrable initially deferred for each row when (old.warned_at is null and new.warned_at is not null)
  execute function private.tg_sla_clocks__record_event('ticket.sla_warning');
create constraint trigger sla_clocks__record_breach after update on public.sla_clocks
  deferrable initially deferred for each row when (old.breached_at is null and new.breached_at is not null)
  execute function private.tg_sla_clocks__record_event('ticket.sla_breached');
create constraint trigger sla_clocks__record_success after update on public.sla_clocks
  deferrable initially deferred for each row when (old.state <> 'achieved' and new.state = 'achieved')
  execute function private.tg_sla_clocks__record_event('ticket.sla_met');

-- Warns of up to `most` clocks and marks those whose time is over, in the order of their times. Returns how many clocks it changed.
-- Skips tickets that another transaction has locked, so that several servers share the work and each clock is marked once. A warning
-- waits until the calendar is open; a clock whose time is over needs none.
create function private.mark_due_clocks(most integer) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  due record;
  ticket public.tickets;
  clock public.sla_clocks;
  marked integer := 0;
begin
  for due in
    select row.id, row.team_id, row.ticket_id from public.sla_clocks as row
    where row.next_at <= now() order by row.next_at limit most
  loop
    select row.* into ticket from public.tickets as row
      where row.team_id = due.team_id and row.id = due.ticket_id for no key update skip locked;
    continue when not found;
    select row.* into clock from public.sla_clocks as row where row.id = due.id and row.next_at is not null;
    continue when not found;
    if clock.due_at <= now() then
      clock.state := 'breached';
      clock.breached_at := clock.due_at;
    elsif clock.state = 'pending' and clock.warn_at <= now() then
      clock.warn_at := greatest(clock.warn_at, private.add_open_covered(clock.calendar_id, now(), 0));
      if clock.warn_at <= now() then
        clock.state := 'imminent';
        clock.warned_at := now();
      end if;
    else
      continue; -- it was paused or got another target meanwhile
    end if;
    marked := marked + 1;
    perform private.store_clock(clock);
    perform private.store_next_clock(ticket);
    perform private.escalate(clock, case clock.state when 'breached' then 'breach' when 'imminent' then 'warning' end);
    exit when clock_timestamp() > statement_timestamp() + interval '1 second'; -- escalations take time, and the tickets are locked
  end loop;
  return marked;
end $$;
grant execute on function private.mark_due_clocks(integer) to service_role;

-- Policies ----------------------------------------------------------------------------------------------------------------

-- With the name of the calendar instead of its id.
create function private.policy_description(policy public.sla_policies) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return to_jsonb(policy) - '{team_id,calendar_id,version,created_by,created_at,updated_at}'::text[]
    || jsonb_build_object('calendar', (select calendar.name from public.calendars as calendar where calendar.id = policy.calendar_id));
end $$;

create function private.tg_sla_policies__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  before jsonb := case when tg_op <> 'INSERT' then private.policy_description(old) end;
  after jsonb := case when tg_op <> 'DELETE' then private.policy_description(new) end;
begin
  case tg_op
    when 'INSERT' then perform private.record_team_event(new.team_id, 'policy.created', null, after);
    when 'DELETE' then perform private.record_team_event(old.team_id, 'policy.deleted', before, null);
    else
      if before <> after then
        perform private.record_team_event(new.team_id, 'policy.updated', private.changed_fields(before, after, '{id,name}'),
          private.changed_fields(after, before, '{id,name}'));
      end if;
  end case;
  return null;
end $$;
create trigger _500_broadcast after insert or update or delete on public.sla_policies
  for each row execute function private.tg__broadcast_ids();
create trigger _600_record_events after insert or update or delete on public.sla_policies
  for each row execute function private.tg_sla_policies__record_events();
