-- Changed calendars and policies: jobs apply them to open tickets, step by step.

-- Counts one step of the open clocks of a calendar with its present hours. Returns whether there may be more. Ended clocks stay as they
-- are.
create function private.recount_clocks(team_id uuid, calendar_id uuid) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  present jsonb := private.calendar_snapshot(recount_clocks.calendar_id);
  outdated record;
  ticket public.tickets;
  clock public.sla_clocks;
  steps integer := 0;
begin
  for outdated in
    select distinct row.ticket_id from public.sla_clocks as row
    where row.team_id = recount_clocks.team_id and row.calendar_id = recount_clocks.calendar_id
      and row.state in ('pending', 'imminent', 'breached') and row.policy -> 'calendar' <> present
    order by row.ticket_id limit private.cleanup_step()
  loop
    steps := steps + 1;
    select row.* into ticket from public.tickets as row
      where row.team_id = recount_clocks.team_id and row.id = outdated.ticket_id for no key update;
    for clock in select row.* from private.open_clocks(ticket) as row where row.calendar_id = recount_clocks.calendar_id loop
      perform private.retarget_clock(clock, clock.policy_id, clock.policy || jsonb_build_object('calendar', present), clock.calendar_id,
        clock.target_seconds);
    end loop;
    perform private.store_next_clock(ticket);
  end loop;
  return steps = private.cleanup_step();
end $$;

create function private.tg_calendars__recount_clocks() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if private.recount_clocks(new.team_id, new.id) then
    perform private.request_cleanup(new.team_id, 'calendar', new.id);
  end if;
  return null;
end $$;
create trigger _700_recount_clocks after update of version on public.calendars
  for each row when (new.version <> old.version) execute function private.tg_calendars__recount_clocks();

-- Deletes a calendar that no policy uses. If clocks have counted its hours it is hidden instead, because receipts, open clocks of deleted
-- policies and reopened tickets go on with them: a deletion never goes through the clocks.
create function private.delete_calendar(team_id uuid, calendar_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(delete_calendar.team_id, 'sla.manage');
  perform from public.calendars as calendar
    where calendar.team_id = delete_calendar.team_id and calendar.id = delete_calendar.calendar_id and calendar.deleted_at is null
    for update;
  if not found then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  elsif exists (select from public.sla_policies as policy
    where policy.team_id = delete_calendar.team_id and policy.calendar_id = delete_calendar.calendar_id) then
    raise exception 'An SLA policy counts the hours of this calendar' using errcode = 'PT409', detail = 'calendar_used';
  elsif exists (select from public.sla_clocks as clock
    where clock.team_id = delete_calendar.team_id and clock.calendar_id = delete_calendar.calendar_id) then
    update public.calendars as calendar set deleted_at = now() where calendar.id = delete_calendar.calendar_id;
  else
    delete from public.calendars as calendar where calendar.id = delete_calendar.calendar_id;
  end if;
end $$;
grant execute on function private.delete_calendar(uuid, uuid) to authenticated;

-- The times of the open clocks of these tickets, by the id of the clock.
create function private.clock_times(team_id uuid, ticket_ids uuid[]) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select coalesce(jsonb_object_agg(clock.id, jsonb_build_array(clock.due_at, clock.target_seconds)), '{}')
    from public.sla_clocks as clock
    where clock.team_id = clock_times.team_id and clock.ticket_id = any (clock_times.ticket_ids)
      and clock.state in ('pending', 'imminent', 'breached'));
end $$;

-- Applies the policies to the next tickets of the team. Returns whether there may be more; after the last step, an event tells how many
-- clocks moved.
create function private.apply_policies(cleanup private.cleanups) returns boolean
language plpgsql security definer set search_path = '' as $$
declare
  next_ids uuid[] := array(
    select ticket.id from public.tickets as ticket
    where ticket.team_id = cleanup.team_id and ticket.status not in ('resolved', 'closed')
      and (cleanup.last_id is null or ticket.id > cleanup.last_id)
    order by ticket.id limit private.cleanup_step()
  );
  before jsonb := private.clock_times(cleanup.team_id, next_ids);
  after jsonb;
begin
  perform private.reapply_policy(cleanup.team_id, id) from unnest(next_ids) as id;
  after := private.clock_times(cleanup.team_id, next_ids);
  update private.cleanups as row set last_id = next_ids[cardinality(next_ids)], moved = row.moved + (
    select count(*) from jsonb_each(before) as clock full join jsonb_each(after) as later on later.key = clock.key
    where later.value is distinct from clock.value
  )
  where row.id = cleanup.id returning row.moved into cleanup.moved;
  if cardinality(next_ids) = private.cleanup_step() then
    return true;
  end if;
  perform private.record_team_event(cleanup.team_id, 'policy.applied', null, jsonb_build_object('moved_clocks', cleanup.moved));
  return false;
end $$;

-- Applies the policies as they are to the open tickets of the team, with a job. Returns how many there are.
create function private.request_policies(team_id uuid) returns integer
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(request_policies.team_id, 'sla.manage');
  perform private.request_cleanup(request_policies.team_id, 'policies', request_policies.team_id);
  return (select count(*) from public.tickets as ticket
    where ticket.team_id = request_policies.team_id and ticket.status not in ('resolved', 'closed'));
end $$;
grant execute on function private.request_policies(uuid) to authenticated;
