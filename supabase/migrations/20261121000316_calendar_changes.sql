-- Changes of calendars. The server computes the open intervals, so it saves hours, holidays and intervals in one call; the Data API,
-- which does not show the schema private, can only read and delete calendars.

-- What people can change, as events compare it.
create function private.calendar_state(calendar public.calendars) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object(
    'id', calendar.id, 'name', calendar.name, 'time_zone', calendar.time_zone, 'country', calendar.country, 'region', calendar.region,
    'hours', (
      select coalesce(jsonb_agg(jsonb_build_object('weekday', entry.weekday, 'opens', to_char(entry.opens, 'HH24:MI'),
        'closes', to_char(entry.closes, 'HH24:MI')) order by entry.weekday, entry.opens), '[]')
      from public.calendar_hours as entry where entry.team_id = calendar.team_id and entry.calendar_id = calendar.id
    ),
    'holidays', (
      select coalesce(jsonb_agg(jsonb_build_object('date', entry.date, 'name', entry.name) order by entry.date), '[]')
      from public.calendar_holidays as entry where entry.team_id = calendar.team_id and entry.calendar_id = calendar.id
    )
  );
end $$;

-- The id, the name, and what differs from the other state; of the holidays, at most 100 that the other state lacks.
create function private.calendar_difference(state jsonb, other jsonb) returns jsonb
language plpgsql stable set search_path = '' as $$
begin
  return private.changed_fields(state - 'holidays', other - 'holidays', '{id,name}') || coalesce((
    select jsonb_build_object('holidays', jsonb_agg(missing.holiday order by missing.holiday ->> 'date')) from (
      select holiday from jsonb_array_elements(state -> 'holidays') as holiday
      except select holiday from jsonb_array_elements(other -> 'holidays') as holiday
      order by 1 limit 100
    ) as missing having count(*) > 0
  ), '{}');
end $$;

-- How many open clocks count the hours of a calendar. They are counted anew after a change.
create function private.open_clock_count(team_id uuid, calendar_id uuid) returns integer
language plpgsql stable security definer set search_path = '' as $$
begin
  return (select count(*) from public.sla_clocks as clock
    where clock.team_id = open_clock_count.team_id and clock.calendar_id = open_clock_count.calendar_id
      and clock.state in ('pending', 'imminent', 'breached'));
end $$;

create function private.write_calendar_intervals(calendar_id uuid, opens timestamptz[], closes timestamptz[]) returns void
language plpgsql set search_path = '' as $$
begin
  delete from private.calendar_intervals as span where span.calendar_id = write_calendar_intervals.calendar_id;
  insert into private.calendar_intervals (calendar_id, opens_at, closes_at, before_seconds)
  select write_calendar_intervals.calendar_id, span.opens_at, span.closes_at,
    coalesce(sum(extract(epoch from span.closes_at - span.opens_at)) over (order by span.opens_at rows between unbounded preceding
      and 1 preceding), 0)::bigint
  from unnest(opens, closes) as span (opens_at, closes_at);
end $$;

-- Adds a calendar (null for its id and seen_version) or replaces the state of one, with its intervals. `coverage` holds `from`, `until` and
-- `time_zone_data`. Raises PT409 if the calendar is no longer at the version that the caller has seen. The version is raised last, so that
-- triggers on it find the new intervals.
create function private.save_calendar(team_id uuid, calendar_id uuid, seen_version integer, state jsonb, coverage jsonb,
  opens timestamptz[], closes timestamptz[]) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  saved public.calendars;
  before jsonb;
  after jsonb;
begin
  if not private.has_permission(save_calendar.team_id, 'sla.manage') then
    raise exception 'Your role does not allow this' using errcode = 'PT403', detail = 'forbidden';
  end if;
  if calendar_id is null then
    insert into public.calendars (team_id, name, time_zone, country, region, covered_from, covered_until, time_zone_data)
    values (save_calendar.team_id, state ->> 'name', state ->> 'time_zone', state ->> 'country', state ->> 'region',
      (coverage ->> 'from')::timestamptz, (coverage ->> 'until')::timestamptz, coverage ->> 'time_zone_data')
    returning * into saved;
  else
    select * into saved from public.calendars as calendar
      where calendar.team_id = save_calendar.team_id and calendar.id = save_calendar.calendar_id and calendar.deleted_at is null for update;
    if not found then
      raise exception 'Not found, or you have no access to it' using errcode = 'PT404', detail = 'not_found';
    elsif saved.version <> seen_version then
      raise exception 'Somebody changed this calendar meanwhile; load it again' using errcode = 'PT409', detail = 'conflict';
    end if;
    before := private.calendar_state(saved);
    delete from public.calendar_hours as entry where entry.team_id = saved.team_id and entry.calendar_id = saved.id;
    delete from public.calendar_holidays as entry where entry.team_id = saved.team_id and entry.calendar_id = saved.id;
  end if;
  insert into public.calendar_hours (team_id, calendar_id, weekday, opens, closes)
  select saved.team_id, saved.id, entry.weekday, entry.opens, entry.closes
  from jsonb_to_recordset(state -> 'hours') as entry (weekday smallint, opens time, closes time);
  insert into public.calendar_holidays (team_id, calendar_id, date, name, source)
  select saved.team_id, saved.id, entry.date, entry.name, entry.source
  from jsonb_to_recordset(state -> 'holidays') as entry (date date, name text, source text);
  perform private.write_calendar_intervals(saved.id, opens, closes);
  if before is null then
    perform private.record_team_event(saved.team_id, 'calendar.created', null, jsonb_build_object('id', saved.id, 'name', saved.name));
    return saved.id;
  end if;
  saved.name := state ->> 'name';
  saved.time_zone := state ->> 'time_zone';
  saved.country := state ->> 'country';
  saved.region := state ->> 'region';
  after := private.calendar_state(saved);
  update public.calendars as calendar set
    name = saved.name, time_zone = saved.time_zone, country = saved.country, region = saved.region,
    version = calendar.version + (before <> after)::integer,
    covered_from = (coverage ->> 'from')::timestamptz, covered_until = (coverage ->> 'until')::timestamptz,
    time_zone_data = coverage ->> 'time_zone_data'
  where calendar.id = saved.id;
  if before <> after then
    perform private.record_team_event(saved.team_id, 'calendar.updated', private.calendar_difference(before, after),
      private.calendar_difference(after, before) || jsonb_build_object('open_clocks', private.open_clock_count(saved.team_id, saved.id)));
  end if;
  return saved.id;
end $$;
grant execute on function private.save_calendar(uuid, uuid, integer, jsonb, jsonb, timestamptz[], timestamptz[]) to authenticated;

-- For the job that extends calendars: adds holidays of later years and replaces the intervals. Returns whether intervals that lie in the
-- future and in the period covered before have moved, which only new time zone data does; the version is raised then.
create function private.renew_calendar(calendar_id uuid, seen_version integer, holidays jsonb, coverage jsonb, opens timestamptz[],
  closes timestamptz[]) returns boolean
language plpgsql set search_path = '' as $$
declare
  saved public.calendars;
  before timestamptz[];
  has_moved boolean;
begin
  select * into saved from public.calendars as calendar
    where calendar.id = renew_calendar.calendar_id and calendar.version = seen_version for update;
  if not found then
    return false; -- deleted or changed meanwhile: a change computes the intervals, too
  end if;
  insert into public.calendar_holidays (team_id, calendar_id, date, name, source)
  select saved.team_id, saved.id, entry.date, entry.name, 'country'
  from jsonb_to_recordset(holidays) as entry (date date, name text)
  on conflict do nothing;
  before := private.coming_intervals(saved.id, saved.covered_until);
  perform private.write_calendar_intervals(saved.id, opens, closes);
  has_moved := before <> private.coming_intervals(saved.id, saved.covered_until);
  update public.calendars as calendar set
    version = calendar.version + has_moved::integer, covered_from = (coverage ->> 'from')::timestamptz,
    covered_until = (coverage ->> 'until')::timestamptz, time_zone_data = coverage ->> 'time_zone_data'
  where calendar.id = saved.id;
  if has_moved then
    perform private.record_team_event(saved.team_id, 'calendar.updated',
      jsonb_build_object('id', saved.id, 'name', saved.name, 'time_zone_data', saved.time_zone_data),
      jsonb_build_object('id', saved.id, 'name', saved.name, 'time_zone_data', coverage -> 'time_zone_data',
        'open_clocks', private.open_clock_count(saved.team_id, saved.id)));
  end if;
  return has_moved;
end $$;

-- When a calendar opens and closes from now to `until`, in order; the end of the period itself is left out.
create function private.coming_intervals(calendar_id uuid, until timestamptz) returns timestamptz[]
language plpgsql stable set search_path = '' as $$
begin
  return array(
    select moment from private.calendar_intervals as span, unnest(array[span.opens_at, span.closes_at]) as moment
    where span.calendar_id = coming_intervals.calendar_id and moment > now() and moment < until order by moment
  );
end $$;

create function private.tg_calendars__record_deletion() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.record_team_event(old.team_id, 'calendar.deleted', jsonb_build_object('id', old.id, 'name', old.name), null);
  return null;
end $$;
create trigger _600_record_deletion after delete on public.calendars
  for each row when (old.deleted_at is null) execute function private.tg_calendars__record_deletion();
create trigger _600_record_hiding after update of deleted_at on public.calendars
  for each row when (old.deleted_at is null and new.deleted_at is not null) execute function private.tg_calendars__record_deletion();
