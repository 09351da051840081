-- SLA policies: how soon a team promises to answer and to resolve, for which tickets. The first policy that matches a ticket applies.

-- Whether `conditions` is a list of { key, values, not } with the operators of the search language that a policy may use.
create function private.are_policy_conditions(conditions jsonb) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_typeof(conditions) = 'array' and jsonb_array_length(conditions) <= 20 and length(conditions::text) <= 4000
    and not exists (
      select from jsonb_array_elements(conditions) as condition
      where jsonb_typeof(condition) <> 'object'
        or coalesce(condition ->> 'key', '')
          <> all (array['priority', 'severity', 'category', 'tag', 'channel', 'project', 'organization', 'tier'])
        or coalesce(jsonb_typeof(condition -> 'not'), '') <> 'boolean'
        or coalesce(jsonb_typeof(condition -> 'values'), '') <> 'array'
        or jsonb_path_exists(condition, '$.values[*] ? (@.type() != "string")')
        or not jsonb_path_exists(condition, '$.values[0]')
    );
end $$;

-- Whether `targets` is { metric: { level: seconds } }, with at least one target, for the levels of priority or severity.
create function private.are_policy_targets(target_by text, targets jsonb) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  levels text[] := case target_by when 'priority' then array['low', 'normal', 'high', 'urgent'] else array['1', '2', '3', '4', '5'] end;
begin
  return jsonb_typeof(targets) = 'object' and jsonb_path_exists(targets, '$.*.*') and not exists (
    select from jsonb_each(targets) as metric
    where metric.key <> all (array['first_response', 'next_response', 'resolution']) or jsonb_typeof(metric.value) <> 'object'
      or exists (
        select from jsonb_each(case jsonb_typeof(metric.value) when 'object' then metric.value else '{}' end) as target
        where target.key <> all (levels) or case jsonb_typeof(target.value) when 'number'
          -- at most a year of open hours
          then (target.value #>> '{}')::numeric not between 60 and 31536000 or (target.value #>> '{}')::numeric % 1 <> 0
          else true end
      )
  );
end $$;

-- Whether `pauses` is { metric: [reason] }. Nothing pauses the first response.
create function private.are_policy_pauses(pauses jsonb) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_typeof(pauses) = 'object' and not exists (
    select from jsonb_each(pauses) as metric
    where metric.key <> all (array['next_response', 'resolution']) or jsonb_typeof(metric.value) <> 'array'
      or exists (
        select from jsonb_array_elements(case jsonb_typeof(metric.value) when 'array' then metric.value else '[]' end) as reason
        where reason <> all (array['"open"', '"in_progress"', '"waiting"', '"snoozed"']::jsonb[])
      )
  );
end $$;

-- Whether `step` is { metric, when, action } and what the action needs: notify { members, roles, followers }, raise_severity {},
-- assign { member_id }, add_tag { tag }. `metric` is null for each of them, `when` is warning or breach.
create function private.is_escalation(step jsonb) returns boolean
language plpgsql immutable set search_path = '' as $$
declare
  uuids constant text := '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$';
  needed text[] := case step ->> 'action' when 'notify' then array['members', 'roles', 'followers'] when 'raise_severity' then '{}'
    when 'assign' then array['member_id'] when 'add_tag' then array['tag'] end;
begin
  if jsonb_typeof(step) <> 'object' or needed is null
    or array(select key from jsonb_object_keys(step) as key order by key)
      <> array(select key from unnest(needed || array['metric', 'when', 'action']) as key order by key)
    or coalesce(step ->> 'metric', 'resolution') <> all (array['first_response', 'next_response', 'resolution'])
    or coalesce(step ->> 'when', '') <> all (array['warning', 'breach']) then
    return false;
  end if;
  return case step ->> 'action'
    when 'notify' then jsonb_typeof(step -> 'followers') = 'boolean'
      and jsonb_typeof(step -> 'members') = 'array' and jsonb_array_length(step -> 'members') <= 10
      and not exists (select from jsonb_array_elements(step -> 'members') as id where coalesce(id #>> '{}', '') !~ uuids)
      and jsonb_typeof(step -> 'roles') = 'array' and jsonb_array_length(step -> 'roles') <= 4
      and not exists (select from jsonb_array_elements(step -> 'roles') as role
        where role <> all (array['"owner"', '"admin"', '"member"', '"viewer"']::jsonb[]))
      and (step -> 'followers' = 'true' or step -> 'members' <> '[]' or step -> 'roles' <> '[]')
    when 'assign' then coalesce(step ->> 'member_id', '') ~ uuids
    when 'add_tag' then coalesce(length(step ->> 'tag') between 1 and 50 and private.is_tag(step ->> 'tag'), false)
    else true
  end;
end $$;

-- Whether `escalations` is a list of at most ten steps, each once.
create function private.are_policy_escalations(escalations jsonb) returns boolean
language plpgsql immutable set search_path = '' as $$
begin
  return jsonb_typeof(escalations) = 'array' and jsonb_array_length(escalations) <= 10
    and not exists (select from jsonb_array_elements(escalations) as step where not private.is_escalation(step))
    and jsonb_array_length(escalations) = (select count(distinct step) from jsonb_array_elements(escalations) as step);
end $$;
grant execute on function private.are_policy_conditions(jsonb), private.are_policy_targets(text, jsonb), private.are_policy_pauses(jsonb),
  private.is_escalation(jsonb), private.are_policy_escalations(jsonb)
  to authenticated, service_role; -- a check runs with the rights of the writer

create table public.sla_policies (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  position integer not null default 0 check (position between 0 and 10000), -- the first that matches applies
  is_active boolean not null default true,
  conditions jsonb not null default '[]' check (private.are_policy_conditions(conditions)), -- all must hold; none: every ticket
  target_by text not null default 'priority' check (target_by in ('priority', 'severity')),
  targets jsonb not null, -- in seconds of open hours; a metric or level that is absent has no target
  calendar_id uuid, -- null: around the clock
  pauses jsonb not null default '{"next_response": ["waiting", "snoozed"], "resolution": ["waiting", "snoozed"]}'
    check (private.are_policy_pauses(pauses)),
  warn_percent smallint not null default 80 check (warn_percent between 1 and 99), -- of the target
  reopen_percent smallint not null default 25 check (reopen_percent between 1 and 100), -- of the target, at least, after a reopening
  -- What happens to a ticket when a warning or a breach comes, in order: private.escalate().
  escalations jsonb not null default '[]' check (private.are_policy_escalations(escalations)),
  version integer not null default 1,
  created_by uuid default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (team_id, id),
  constraint sla_policies_targets check (private.are_policy_targets(target_by, targets)),
  constraint sla_policies_calendar foreign key (team_id, calendar_id) references public.calendars (team_id, id)
);
alter table public.sla_policies enable row level security;
create index sla_policies_in_order on public.sla_policies (team_id, position, created_at, id);
create index sla_policies_calendar_id on public.sla_policies (team_id, calendar_id) where calendar_id is not null; -- the foreign key
create index sla_policies_created_by on public.sla_policies (created_by); -- the foreign key
comment on table public.sla_policies is 'How soon a team promises to answer and to resolve which tickets';

create policy sla_policies_select_members on public.sla_policies for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('sla.view'))::uuid[]));
create policy sla_policies_insert_managers on public.sla_policies for insert to authenticated
  with check (created_by = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('sla.manage'))::uuid[]));
create policy sla_policies_update_managers on public.sla_policies for update to authenticated
  using (team_id = any ((select private.permitted_team_ids('sla.manage'))::uuid[]))
  with check (team_id = any ((select private.permitted_team_ids('sla.manage'))::uuid[]));
create policy sla_policies_delete_managers on public.sla_policies for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('sla.manage'))::uuid[]));
grant select, delete on public.sla_policies to authenticated;
grant insert (team_id, name, position, is_active, conditions, target_by, targets, calendar_id, pauses, warn_percent, reopen_percent,
  escalations, created_by) on public.sla_policies to authenticated;
grant update (name, position, is_active, conditions, target_by, targets, calendar_id, pauses, warn_percent, reopen_percent,
  escalations) on public.sla_policies to authenticated;
grant select, insert, update, delete on public.sla_policies to service_role;

-- The foreign key knows deleted calendars, too. Locks the calendar, so that nobody deletes it meanwhile.
create function private.tg_sla_policies__require_calendar() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform from public.calendars as calendar
    where calendar.team_id = new.team_id and calendar.id = new.calendar_id and calendar.deleted_at is null for key share;
  if not found then
    raise foreign_key_violation using message = 'No such calendar', constraint = 'sla_policies_calendar';
  end if;
  return new;
end $$;
create trigger _250_require_calendar before insert or update of calendar_id on public.sla_policies
  for each row when (new.calendar_id is not null) execute function private.tg_sla_policies__require_calendar();

create function private.tg_sla_policies__before_update() returns trigger
language plpgsql set search_path = '' as $$
begin
  -- The order and the switch are not part of what a clock remembers of its policy.
  if (new.name, new.conditions, new.target_by, new.targets, new.calendar_id, new.pauses, new.warn_percent, new.reopen_percent,
      new.escalations)
    is distinct from
    (old.name, old.conditions, old.target_by, old.targets, old.calendar_id, old.pauses, old.warn_percent, old.reopen_percent,
      old.escalations) then
    new.version := old.version + 1;
  end if;
  return new;
end $$;
create trigger _200_before_update before update on public.sla_policies
  for each row execute function private.tg_sla_policies__before_update();
create trigger _300_set_updated_at before update on public.sla_policies
  for each row execute function private.tg__set_updated_at();

create function private.tg_sla_policies__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if (select count(*) from public.sla_policies as policy where policy.team_id = new.team_id) > 50 then
    raise exception 'A team has at most 50 SLA policies' using errcode = 'PT422', detail = 'policy_limit';
  end if;
  return null;
end $$;
create trigger _550_limit after insert on public.sla_policies
  for each row execute function private.tg_sla_policies__limit();

-- Escalations name people of the team, and assign to those who can have tickets. Who leaves later may stay: the step is passed over.
create function private.tg_sla_policies__require_members() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  known jsonb := case when tg_op = 'UPDATE' then old.escalations else '[]' end;
begin
  if exists (
    select from jsonb_array_elements(new.escalations) as step,
      jsonb_array_elements_text(case step ->> 'action' when 'notify' then step -> 'members'
        when 'assign' then jsonb_build_array(step -> 'member_id') else '[]' end) as person
    where not exists (select from jsonb_array_elements(known) as earlier where earlier = step)
      and not exists (select from public.team_members as member
        where member.team_id = new.team_id and member.user_id = person::uuid
          and (step ->> 'action' = 'notify' or member.role <> 'viewer'))
  ) then
    raise exception 'An escalation names somebody who is not in the team, or assigns to a viewer' using errcode = 'PT422',
      detail = 'escalation_member';
  end if;
  return null;
end $$;
create trigger _560_require_members after insert or update of escalations on public.sla_policies
  for each row when (new.escalations <> '[]') execute function private.tg_sla_policies__require_members();
