-- Calendars: the hours in which a team works, and its holidays. Due times count only seconds in which the calendar is open.

create table public.calendars (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  time_zone text not null check (length(time_zone) <= 64 and time_zone ~ '^(UTC|[A-Z]\w*(/[A-Z][\w+-]*)+)$'),
  -- Raised by each change of its hours, holidays or zone, and when a new version of the time zone data moves its open intervals.
  version integer not null default 1,
  -- Where its public holidays come from: ISO 3166-1, and the region as the package date-holidays names it. A job adds later years.
  country text check (country ~ '^[A-Z]{2}$'),
  region text check (region ~ '^[A-Za-z0-9]{1,20}(-[A-Za-z0-9]{1,20})?$'),
  -- The period of private.calendar_intervals, and the time zone data with which they were computed.
  covered_from timestamptz not null,
  covered_until timestamptz not null,
  time_zone_data text not null,
  created_by uuid default auth.uid() references public.profiles (id),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz, -- nobody sees it any more; the clocks that count its hours keep them: private.delete_calendar()
  unique (team_id, id),
  check (covered_until > covered_from and (region is null or country is not null))
);
alter table public.calendars enable row level security;
create unique index calendars_name_key on public.calendars (team_id, name) where deleted_at is null;
create index calendars_created_by on public.calendars (created_by); -- the foreign key
create index calendars_covered_until on public.calendars (covered_until); -- the job that extends them
comment on table public.calendars is 'The hours in which a team works';

-- Hours over midnight are two rows. A holiday closes whole local dates.
create table public.calendar_hours (
  team_id uuid not null,
  calendar_id uuid not null,
  weekday smallint not null check (weekday between 1 and 7), -- ISO 8601: Monday is 1
  opens time(0) not null,
  closes time(0) not null, -- 24:00 is the end of the day
  primary key (team_id, calendar_id, weekday, opens),
  foreign key (team_id, calendar_id) references public.calendars (team_id, id) on delete cascade,
  check (closes > opens)
);
alter table public.calendar_hours enable row level security;
comment on table public.calendar_hours is 'When a calendar is open, in local time, for each day of the week';

create table public.calendar_holidays (
  team_id uuid not null,
  calendar_id uuid not null,
  date date not null check (date between '1900-01-01' and '2200-01-01'),
  name text not null check (length(name) between 1 and 200 and private.is_line(name)),
  source text not null check (source in ('manual', 'ics', 'country')),
  primary key (team_id, calendar_id, date),
  foreign key (team_id, calendar_id) references public.calendars (team_id, id) on delete cascade
);
alter table public.calendar_holidays enable row level security;
comment on table public.calendar_holidays is 'Local dates on which a calendar is closed';

-- Postgres and JavaScript disagree about local times that exist twice, so SQL never turns a local time into an instant: the server
-- computes the open intervals (`openIntervals()` in shared/sla/calendar.ts) and stores them here, merged where they touch.
create table private.calendar_intervals (
  calendar_id uuid not null references public.calendars (id) on delete cascade,
  opens_at timestamptz not null,
  closes_at timestamptz not null,
  before_seconds bigint not null, -- open seconds of all earlier intervals
  primary key (calendar_id, opens_at),
  unique (calendar_id, before_seconds),
  check (closes_at > opens_at)
);
comment on table private.calendar_intervals is 'When calendars are open, as instants';

create policy calendars_select_members on public.calendars for select to authenticated
  using (deleted_at is null and team_id = any ((select private.permitted_team_ids('sla.view'))::uuid[]));
create policy calendars_delete_managers on public.calendars for delete to authenticated
  using (deleted_at is null and team_id = any ((select private.permitted_team_ids('sla.manage'))::uuid[]));
create policy calendar_hours_select_members on public.calendar_hours for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('sla.view'))::uuid[]));
create policy calendar_holidays_select_members on public.calendar_holidays for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('sla.view'))::uuid[]));
-- Insert and update are not granted: private.save_calendar() writes hours, holidays and intervals together.
grant select, delete on public.calendars to authenticated;
grant select on public.calendar_hours, public.calendar_holidays to authenticated;
grant select, insert, update, delete on public.calendars, public.calendar_hours, public.calendar_holidays to service_role;

create trigger _200_require_time_zone before insert or update of time_zone on public.calendars
  for each row execute function private.tg__require_time_zone();
create trigger _300_set_updated_at before update on public.calendars
  for each row execute function private.tg__set_updated_at();

create function private.tg_calendars__limit() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if (select count(*) from public.calendars as calendar where calendar.team_id = new.team_id and calendar.deleted_at is null) > 50 then
    raise exception 'A team has at most 50 calendars' using errcode = 'PT422', detail = 'calendar_limit';
  end if;
  return null;
end $$;
create trigger _550_limit after insert on public.calendars
  for each row execute function private.tg_calendars__limit();

-- Open seconds -----------------------------------------------------------------------------------------------------------
-- Two index probes a call. `addOpen()` and `openBetween()` in shared/sla/calendar.ts do the same. All of them cut fractions of a second,
-- take null for a calendar that is always open, and raise PT422 `calendar_horizon` for instants that the intervals do not cover.

create function private.require_covered(calendar uuid, at timestamptz) returns void
language plpgsql stable set search_path = '' as $$
begin
  if not exists (select from public.calendars as row where row.id = calendar and at between row.covered_from and row.covered_until) then
    raise exception 'The calendar does not cover %', at using errcode = 'PT422', detail = 'calendar_horizon';
  end if;
end $$;

create function private.add_open(calendar uuid, start timestamptz, seconds bigint) returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  began timestamptz := date_trunc('second', start);
  opens timestamptz;
  closes timestamptz;
  before bigint;
  goal bigint; -- open seconds since the first interval
  due timestamptz;
begin
  if seconds < 0 then
    raise exception 'Cannot add a negative number of seconds' using errcode = '22023';
  elsif calendar is null then
    return began + seconds * interval '1 second';
  end if;
  select span.opens_at, span.closes_at, span.before_seconds into opens, closes, before from private.calendar_intervals as span
    where span.calendar_id = calendar and span.opens_at <= began order by span.opens_at desc limit 1;
  if not found then
    perform private.require_covered(calendar, began);
  end if;
  if seconds = 0 then
    if began < closes then
      return began;
    end if;
    select span.opens_at into due from private.calendar_intervals as span
      where span.calendar_id = calendar and span.opens_at > began order by span.opens_at limit 1;
  else
    goal := seconds + coalesce(before + extract(epoch from least(began, closes) - opens)::bigint, 0);
    -- Not `<=`: what ends exactly at closing time is due then, not at the next opening.
    select span.opens_at + (goal - span.before_seconds) * interval '1 second', span.closes_at into due, closes
    from private.calendar_intervals as span
    where span.calendar_id = calendar and span.before_seconds < goal order by span.before_seconds desc limit 1;
  end if;
  if due is null or (seconds > 0 and due > closes) then
    raise exception 'The calendar does not cover so much time' using errcode = 'PT422', detail = 'calendar_horizon';
  end if;
  return due;
end $$;
comment on function private.add_open(uuid, timestamptz, bigint) is
  'The instant after so many open seconds; for 0 seconds the start itself if the calendar is open then, else the next opening';

create function private.open_between(calendar uuid, a timestamptz, b timestamptz) returns bigint
language plpgsql stable set search_path = '' as $$
declare
  began timestamptz := date_trunc('second', a);
  ended timestamptz := date_trunc('second', b);
  opens timestamptz;
  closes timestamptz;
  before bigint;
  counted bigint;
begin
  if ended <= began then
    return 0;
  elsif calendar is null then
    return extract(epoch from ended - began)::bigint;
  end if;
  select span.opens_at, span.closes_at, span.before_seconds into opens, closes, before from private.calendar_intervals as span
    where span.calendar_id = calendar and span.opens_at <= began order by span.opens_at desc limit 1;
  if not found then
    perform private.require_covered(calendar, began);
  end if;
  counted := coalesce(before + extract(epoch from least(began, closes) - opens)::bigint, 0);
  select span.opens_at, span.closes_at, span.before_seconds into opens, closes, before from private.calendar_intervals as span
    where span.calendar_id = calendar and span.opens_at <= ended order by span.opens_at desc limit 1;
  if not found or ended > closes then
    perform private.require_covered(calendar, ended);
  end if;
  return coalesce(before + extract(epoch from least(ended, closes) - opens)::bigint, 0) - counted;
end $$;
comment on function private.open_between(uuid, timestamptz, timestamptz) is 'The open seconds from a to b; 0 if b is not after a';
