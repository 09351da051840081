-- SLA simulations: what a draft of a policy or a calendar would have changed about the tickets of the last 90 days. A job replays them step
-- by step under the policies as they are and under the draft (server/domain/sla/simulate.ts). It writes nothing but these two tables, so
-- that the clocks of tickets never see a draft. Kept for a day.

create table public.sla_simulations (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  draft jsonb not null check (jsonb_typeof(draft) = 'object' and length(draft::text) <= 500000), -- { policy, calendar }
  status text not null default 'waiting' check (status in ('waiting', 'running', 'done', 'failed')),
  from_at timestamptz not null, -- of tickets created since then
  total integer not null,
  processed integer not null default 0,
  -- The last ticket that is done; the newest comes first.
  last_created_at timestamptz,
  last_id uuid,
  results jsonb not null default '{}', -- by metric
  differing integer not null default 0, -- how many clocks have another result
  error text,
  created_by uuid default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  unique (team_id, id),
  check ((last_created_at is null) = (last_id is null)),
  check ((status in ('done', 'failed')) = (finished_at is not null))
);
alter table public.sla_simulations enable row level security;
create unique index sla_simulations_unfinished on public.sla_simulations (team_id) where status in ('waiting', 'running'); -- one at a time
create index sla_simulations_newest on public.sla_simulations (team_id, created_at desc);
create index sla_simulations_created_at on public.sla_simulations (created_at); -- the job that removes them
create index sla_simulations_created_by on public.sla_simulations (created_by); -- the foreign key
comment on table public.sla_simulations is 'Drafts of SLA policies and calendars, tried on the tickets of the last 90 days';

create table public.sla_simulation_clocks (
  team_id uuid not null,
  simulation_id uuid not null,
  id integer not null, -- in the order in which they were found
  ticket_id uuid not null, -- no foreign key: the ticket may be deleted later
  metric text not null check (metric in ('first_response', 'next_response', 'resolution')),
  started_at timestamptz not null,
  old_due_at timestamptz,
  new_due_at timestamptz,
  -- open: neither met nor missed yet. Null: nothing is promised.
  old_result text check (old_result in ('met', 'missed', 'open')),
  new_result text check (new_result in ('met', 'missed', 'open')),
  primary key (team_id, simulation_id, id),
  foreign key (team_id, simulation_id) references public.sla_simulations (team_id, id) on delete cascade
);
alter table public.sla_simulation_clocks enable row level security;
comment on table public.sla_simulation_clocks is 'Clocks that would have had another result under a draft';

create policy sla_simulations_select_members on public.sla_simulations for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('sla.view'))::uuid[]));
create policy sla_simulations_delete_managers on public.sla_simulations for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('sla.manage'))::uuid[]));
create policy sla_simulation_clocks_select_members on public.sla_simulation_clocks for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('sla.view'))::uuid[]));
-- Insert is not granted: private.begin_sla_simulation() counts the tickets. Update is granted to nobody but the job. Deleting one that is
-- not finished cancels it.
grant select, delete on public.sla_simulations to authenticated;
grant select on public.sla_simulation_clocks to authenticated;
grant select, insert, update, delete on public.sla_simulations, public.sla_simulation_clocks to service_role;

create trigger _500_broadcast after insert or update or delete on public.sla_simulations
  for each row execute function private.tg__broadcast_ids();
create trigger _600_notify after insert on public.sla_simulations
  for each statement execute function private.tg__notify('switchboard_simulations');

-- Raises PT404 unless the calendar is null or one of the team.
create function private.require_calendar(team_id uuid, calendar_id uuid) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if calendar_id is not null and not exists (select from public.calendars as calendar
    where calendar.team_id = require_calendar.team_id and calendar.id = require_calendar.calendar_id and calendar.deleted_at is null) then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  end if;
end $$;

-- Stores a draft; a job does the rest. Removes the oldest simulation of a team that has 10. Raises PT404 for a policy or calendar that the
-- team does not have, PT409 while another simulation of the team is not finished.
create function private.begin_sla_simulation(team_id uuid, draft jsonb) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  started timestamptz := now() - interval '90 days';
  policy_id uuid := (draft -> 'policy' ->> 'id')::uuid;
  begun uuid;
begin
  perform private.require_permission(begin_sla_simulation.team_id, 'sla.manage');
  if policy_id is not null and not exists (select from public.sla_policies as policy
    where policy.team_id = begin_sla_simulation.team_id and policy.id = policy_id) then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
  end if;
  perform private.require_calendar(begin_sla_simulation.team_id, (draft -> 'policy' ->> 'calendar_id')::uuid);
  perform private.require_calendar(begin_sla_simulation.team_id, (draft -> 'calendar' ->> 'id')::uuid);
  delete from public.sla_simulations as old where old.id in (
    select earlier.id from public.sla_simulations as earlier
    where earlier.team_id = begin_sla_simulation.team_id and earlier.status in ('done', 'failed')
    order by earlier.created_at desc offset 9
  );
  insert into public.sla_simulations (team_id, draft, from_at, total)
  values (begin_sla_simulation.team_id, begin_sla_simulation.draft, started, (
    select count(*) from public.tickets as ticket
    where ticket.team_id = begin_sla_simulation.team_id and ticket.created_at >= started and ticket.channel <> 'import'
  ))
  returning id into begun;
  return begun;
exception when unique_violation then
  raise exception 'Another simulation of your team is not finished' using errcode = 'PT409', detail = 'simulation_running';
end $$;
grant execute on function private.begin_sla_simulation(uuid, jsonb) to authenticated;

-- The open intervals of calendars of a team, for the job: { id: { from, until, intervals: [[opens, closes, seconds before]] } }, times in
-- milliseconds.
create function private.calendar_periods(team_id uuid, calendar_ids uuid[]) returns json
language plpgsql stable security definer set search_path = '' as $$
begin
  return (
    select coalesce(json_object_agg(calendar.id, json_build_object(
      'from', (extract(epoch from calendar.covered_from) * 1000)::bigint,
      'until', (extract(epoch from calendar.covered_until) * 1000)::bigint,
      'intervals', (
        select coalesce(json_agg(json_build_array((extract(epoch from span.opens_at) * 1000)::bigint,
          (extract(epoch from span.closes_at) * 1000)::bigint, span.before_seconds) order by span.opens_at), '[]')
        from private.calendar_intervals as span where span.calendar_id = calendar.id
      )
    )), '{}')
    from public.calendars as calendar where calendar.team_id = calendar_periods.team_id and calendar.id = any (calendar_ids)
  );
end $$;
grant execute on function private.calendar_periods(uuid, uuid[]) to service_role;
