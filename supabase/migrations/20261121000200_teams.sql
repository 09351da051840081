-- Teams: the tenants, and where their days begin. Their policies are in the chapter of permissions.

create table public.teams (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$'),
  time_zone text not null default 'UTC' check (length(time_zone) <= 64 and time_zone ~ '^(UTC|[A-Z]\w*(/[A-Z][\w+-]*)+)$'),
  auto_close_days integer not null default 14 check (auto_close_days between 1 and 365),
  -- Whether files that no virus scanner has seen may be sent and downloaded: block or warn. Null: block if the server has a scanner.
  unscanned_files text check (unscanned_files in ('block', 'warn')),
  -- The kinds of mails that clients get about their tickets; shared/mail.ts has the same list.
  client_mails text[] not null default '{ticket_received,public_reply,status_changed,assigned}'
    check (client_mails <@ '{ticket_received,public_reply,status_changed,assigned}' and cardinality(client_mails) <= 4),
  -- Minutes from the resolution of a ticket until the client is asked for a rating, by mail and in the portal. Null: never.
  rating_delay_minutes integer default 60 check (rating_delay_minutes between 30 and 1440),
  -- The colour of the portal and of mails to clients, #rrggbb. Null: the colour of the product.
  portal_color text check (portal_color ~ '^#[0-9a-f]{6}$'),
  -- Whether clients see and choose the priority of their tickets.
  client_priority boolean not null default false,
  -- Whether the portal says until when the SLA promises an answer.
  portal_shows_due boolean not null default false,
  -- The languages that the help centre offers; the first is for readers who prefer none of them.
  help_locales text[] not null default '{en,de}' check (help_locales in ('{en}', '{de}', '{en,de}', '{de,en}')),
  -- The address for clients' answers to mails, confirmed by a link in a mail to it. Null: mails ask for no answer.
  reply_to_email text check (private.is_email(reply_to_email)),
  -- Set by the operator of the installation. Null: the level follows from the team's age and answers, see mail budgets.
  mail_level text check (mail_level in ('new', 'known', 'established')),
  -- Part of the name of the team's realtime channel. Raised when somebody loses access, because hosted Supabase does not
  -- authorise a joined channel again before its token is refreshed.
  realtime_epoch integer not null default 1,
  -- When the team was deleted; a job then removes its rows: see private.delete_team(). Not granted to anybody.
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.teams enable row level security;
comment on table public.teams is 'A tenant';

create trigger _300_set_updated_at before update on public.teams
  for each row execute function private.tg__set_updated_at();
-- The API uses ICU, which knows some zone names that Postgres does not. With such a name a team would have no days.
create function private.tg__require_time_zone() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform now() at time zone new.time_zone;
  return new;
exception when invalid_parameter_value then
  raise exception 'This is not a known time zone' using errcode = 'PT400', detail = 'time_zone';
end $$;
create trigger _200_require_time_zone before insert or update of time_zone on public.teams
  for each row execute function private.tg__require_time_zone();

-- The first instant of a day in a zone, for every list, log and report. shared/utils/day.ts does the same for browsers. Where
-- clocks go back over midnight, midnight happens twice, and Postgres takes the second. Where they go forward over midnight, the
-- day begins later. A day that a zone skipped begins with the next day. The other candidate is midnight with the
-- offset of the day before.
create function private.day_start(day date, zone text) returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  midnight timestamp := day_start.day;
  late timestamptz := midnight at time zone zone;
  yesterday timestamptz := late - interval '1 day';
  early timestamptz := midnight at time zone 'UTC' - ((yesterday at time zone zone) - (yesterday at time zone 'UTC'));
begin
  return case when early < late and (early at time zone zone)::date >= day_start.day or (late at time zone zone)::date < day_start.day
    then early else late end;
end $$;

-- The day of an instant, consistent with day_start(): where clocks go back over midnight, each instant is in one day only.
create function private.day_of(at timestamptz, zone text) returns date
language plpgsql stable set search_path = '' as $$
declare
  day date := day_of.at at time zone zone;
begin
  return case when day_of.at >= private.day_start(day + 1, zone) then day + 1 else day end;
end $$;
grant execute on function private.day_start(date, text), private.day_of(timestamptz, text) to authenticated;

-- Creates a team and makes the caller its owner. If the slug is taken and the caller did not choose it, a number is appended.
create function private.create_team(name text, slug text default null) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  base text := coalesce(nullif(btrim(regexp_replace(lower(extensions.unaccent(create_team.name)), '[^a-z0-9]+', '-', 'g'), '-'), ''),
    'team');
  candidate text := coalesce(create_team.slug, rtrim(left(base, 40), '-'));
  attempt integer := 1;
  created uuid;
begin
  if (select auth.uid()) is null then
    raise exception 'Sign in first' using errcode = '42501';
  end if;
  perform private.require_person();
  loop
    insert into public.teams as team (name, slug) values (create_team.name, candidate)
    on conflict on constraint teams_slug_key do nothing
    returning team.id into created;
    exit when created is not null;
    if create_team.slug is not null then
      raise exception 'This address is already taken' using errcode = 'PT409', detail = 'slug_taken';
    end if;
    attempt := attempt + 1;
    candidate := rtrim(left(base, 40), '-') || '-' || attempt;
  end loop;
  insert into public.team_members (team_id, user_id, role) values (created, (select auth.uid()), 'owner');
  return created;
end $$;
grant execute on function private.create_team(text, text) to authenticated;
