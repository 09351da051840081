-- People and teams: profiles of auth users, teams, memberships, invitations.

-- Teams ---------------------------------------------------------------------------------------------------------

create table public.teams (
  id uuid primary key default gen_random_uuid(),
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  slug text not null unique check (slug ~ '^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$'),
  time_zone text not null default 'UTC' check (length(time_zone) <= 64 and time_zone ~ '^(UTC|[A-Z]\w*(/[A-Z][\w+-]*)+)$'),
  auto_close_days integer not null default 14 check (auto_close_days between 1 and 365),
  -- Where clients' answers to mails go: proven by a link in a mail to it. Null: mails ask for no answer.
  reply_to_email text check (private.is_email(reply_to_email)),
  -- Whoever runs the installation vouches for the team, or does not; null: its age and its answers decide, see mail budgets.
  mail_level text check (mail_level in ('new', 'known', 'established')),
  -- Part of the name of the team's realtime channel. Raised when somebody loses access, because a channel that was
  -- joined is not authorised again by hosted Supabase until its token is refreshed.
  realtime_epoch integer not null default 1,
  -- Since when it has been nobody's, while a job removes its rows: see private.delete_team(). Nobody is granted it.
  deleted_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.teams enable row level security;
comment on table public.teams is 'A tenant';

-- Profiles ------------------------------------------------------------------------------------------------------

create table public.profiles (
  id uuid primary key default gen_random_uuid(), -- a person's is that of their auth user
  -- A service agent works in a team by API keys alone: it has no auth user, so that nobody signs in or is mailed as it.
  -- Former: the account was deleted; the name stays beside what they wrote.
  kind text not null default 'person' check (kind in ('person', 'service', 'former')),
  email text check ((email is null) = (kind <> 'person')),
  full_name text not null check (length(full_name) between 1 and 100 and private.is_line(full_name)),
  avatar_url text check (length(avatar_url) <= 500),
  last_team_id uuid references public.teams (id) on delete set null,
  -- How this person likes their lists and keys; read by nobody else. The keys are in shared/schemas/preferences.ts.
  preferences jsonb not null default '{}' check (jsonb_typeof(preferences) = 'object' and length(preferences::text) <= 4000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.profiles enable row level security;
create index profiles_last_team_id on public.profiles (last_team_id); -- for the foreign key's set null
comment on table public.profiles is 'Everybody who acts: a person for each auth user, and the service agents of teams';

-- Pictures are small (256 x 256) and belong to the row: in the database they are backed up and deleted with it.
create table private.avatars (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  content bytea not null check (octet_length(content) <= 262144),
  content_type text not null check (content_type in ('image/png', 'image/jpeg', 'image/webp')),
  updated_at timestamptz not null default now()
);
comment on table private.avatars is 'Profile pictures, served by /api/avatars';

-- Members -------------------------------------------------------------------------------------------------------

create table public.team_members (
  team_id uuid not null references public.teams (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  joined_at timestamptz not null default now(),
  primary key (team_id, user_id)
);
alter table public.team_members enable row level security;
create index team_members_user_id on public.team_members (user_id, team_id); -- "my teams", asked by every policy
comment on table public.team_members is 'A person in a team, with a role';

-- Everybody who has ever been in a team: names stay readable beside what a former member wrote.
create table private.team_people (
  team_id uuid not null references public.teams (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  primary key (team_id, user_id)
);
create index team_people_user_id on private.team_people (user_id);
comment on table private.team_people is 'Present and former members of a team';

-- Invitations ---------------------------------------------------------------------------------------------------

create table public.team_invitations (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null references public.teams (id) on delete cascade,
  email text not null check (private.is_email(email)),
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  invited_by uuid references public.profiles (id) on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null default now() + interval '72 hours',
  unique (team_id, email)
);
alter table public.team_invitations enable row level security;
create index team_invitations_invited_by on public.team_invitations (invited_by);
comment on table public.team_invitations is 'An invitation by mail; accepting or revoking it deletes the row, so a token works once';
comment on column public.team_invitations.token_hash is 'SHA-256 of the token in the mail; not granted to anybody';

-- Who may do what: the functions that every policy asks ------------------------------------------------------------

-- A service agent that works tickets: its keys may be granted what no person of its role may do.
create function private.is_agent(member public.team_members) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return member.role = 'member' and exists (select from public.profiles as profile where profile.id = member.user_id and profile.kind = 'service');
end $$;

-- Security definer, because team_members' own policy asks them too; the empty search_path keeps pg_temp out.
-- Where an API key acts for its member, the claims say which: { id, team_id, scopes }. It narrows every answer to that
-- team and to those scopes, whatever else the member may do; a claim can take away and never give. A session that has
-- ended is in no team.

-- The one team that this transaction is about: that of the key, or else of the route, which the server says so that its
-- cost does not grow with the teams of whoever calls. A setting, like a claim, can take away and never give. Null: any team.
create function private.only_team_id() returns uuid
language plpgsql stable set search_path = '' as $$
declare
  api_key jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'api_key';
begin
  if api_key is not null then
    return coalesce((api_key ->> 'team_id')::uuid, '00000000-0000-0000-0000-000000000000'); -- no team has the nil id
  end if;
  return nullif(current_setting('switchboard.team_id', true), '')::uuid;
end $$;

-- The roles in which the caller has the permission: the one definition of who may do what. What is the same in every team
-- (the session, the scopes of a key, whether the caller is a service agent) is asked here, once.
create function private.roles_with(permission text) returns text[]
language plpgsql stable security definer set search_path = '' as $$
declare
  api_key jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'api_key';
begin
  if not private.has_live_session() or (api_key is not null and not exists (
    select from private.scope_permissions as allowed where allowed.permission = roles_with.permission and api_key -> 'scopes' ? allowed.scope
  )) then
    return '{}';
  end if;
  return array(
    select case rule.role when 'agent' then 'member' else rule.role end from private.role_permissions as rule
    where rule.permission = roles_with.permission
      and (rule.role <> 'agent' or exists (select from public.profiles as profile where profile.id = (select auth.uid()) and profile.kind = 'service'))
  );
end $$;

create function private.has_permission(team_id uuid, permission text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return has_permission.team_id is not distinct from coalesce(private.only_team_id(), has_permission.team_id) and exists (
    select from public.team_members as member
    where member.team_id = has_permission.team_id and member.user_id = (select auth.uid()) and member.role = any (private.roles_with(has_permission.permission))
  );
end $$;
comment on function private.has_permission(uuid, text) is 'Whether the caller has the permission in the team';

create function private.permitted_team_ids(permission text) returns uuid[]
language plpgsql stable security definer set search_path = '' as $$
declare
  only_id uuid := private.only_team_id();
  roles text[];
begin
  if only_id is not null then
    return case when private.has_permission(only_id, permitted_team_ids.permission) then array[only_id] else '{}' end;
  end if;
  roles := private.roles_with(permitted_team_ids.permission);
  return array(select member.team_id from public.team_members as member where member.user_id = (select auth.uid()) and member.role = any (roles));
end $$;
comment on function private.permitted_team_ids(text) is 'Teams in which the caller has the permission; policies call it once for a query';

create function private.is_team_member(team_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return is_team_member.team_id is not distinct from coalesce(private.only_team_id(), is_team_member.team_id) and private.has_live_session() and exists (
    select from public.team_members as member where member.team_id = is_team_member.team_id and member.user_id = (select auth.uid())
  );
end $$;
comment on function private.is_team_member(uuid) is 'Whether the caller is in the team, in any role';

create function private.visible_profile_ids() returns setof uuid
language plpgsql stable security definer set search_path = '' rows 100 as $$
declare
  only_id uuid := private.only_team_id();
begin
  if only_id is not null then
    if private.is_team_member(only_id) then
      return query select person.user_id from private.team_people as person where person.team_id = only_id;
    end if;
  elsif private.has_live_session() then
    return query
      select person.user_id
      from private.team_people as person
      join public.team_members as mine on mine.team_id = person.team_id
      where mine.user_id = (select auth.uid());
  end if;
end $$;
comment on function private.visible_profile_ids() is 'Present and former members of the caller''s teams';

-- What belongs to no team (a profile, joining and leaving) is nothing that a key does.
create function private.is_api_key() returns boolean
language plpgsql stable set search_path = '' as $$
begin
  return nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'api_key' is not null;
end $$;
comment on function private.is_api_key() is 'Whether an API key acts for the caller';

create function private.acting_api_key_id() returns uuid
language plpgsql stable set search_path = '' as $$
begin
  return (nullif(current_setting('request.jwt.claims', true), '')::jsonb #>> '{api_key,id}')::uuid;
end $$;
comment on function private.acting_api_key_id() is 'The API key that acts for the caller; null for a person';

create function private.require_person() returns void
language plpgsql stable set search_path = '' as $$
begin
  if private.is_api_key() then
    raise exception 'An API key does not do this' using errcode = 'PT403', detail = 'api_key';
  end if;
  -- A token outlives its account by an hour at most.
  if exists (select from public.profiles as profile where profile.id = (select auth.uid()) and profile.kind = 'former') then
    raise exception 'Sign in first' using errcode = '42501';
  end if;
end $$;

-- Says what the caller lacks: where a key acts for somebody whose role would do, it is a scope.
create function private.require_permission(team_id uuid, permission text) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if private.has_permission(require_permission.team_id, require_permission.permission) then
    return;
  end if;
  if private.is_api_key() and exists (
    select from public.team_members as member
    join private.role_permissions as rule on rule.role = member.role or (rule.role = 'agent' and private.is_agent(member))
    where member.team_id = require_permission.team_id and member.user_id = (select auth.uid()) and rule.permission = require_permission.permission
  ) then
    raise exception 'The scopes of this API key do not allow this' using errcode = 'PT403', detail = 'scope';
  end if;
  raise exception 'Your role does not allow this' using errcode = 'PT403', detail = 'forbidden';
end $$;

grant execute on function private.permitted_team_ids(text), private.has_permission(uuid, text),
  private.is_team_member(uuid), private.visible_profile_ids(), private.is_api_key(), private.acting_api_key_id() to authenticated;

-- Policies and grants ----------------------------------------------------------------------------------------------

create policy teams_select_members on public.teams for select to authenticated
  using (id = any ((select private.permitted_team_ids('team.view'))::uuid[]));
create policy teams_update_managers on public.teams for update to authenticated
  using (id = any ((select private.permitted_team_ids('team.update'))::uuid[]))
  with check (id = any ((select private.permitted_team_ids('team.update'))::uuid[]));
create policy teams_delete_owners on public.teams for delete to authenticated
  using (id = any ((select private.permitted_team_ids('team.delete'))::uuid[]));
-- Insert is not granted: private.create_team() makes the caller its owner in the same statement.
grant select, delete on public.teams to authenticated;
grant update (name, slug, time_zone, auto_close_days) on public.teams to authenticated;
grant select, insert, update, delete on public.teams to service_role;

create policy profiles_select_known on public.profiles for select to authenticated
  using (id = (select auth.uid()) or id in (select private.visible_profile_ids()));
create policy profiles_update_self on public.profiles for update to authenticated
  using (id = (select auth.uid()) and kind = 'person' and not (select private.is_api_key()))
  -- a foreign key does not know row-level security: without the second line it would tell which ids are teams
  with check (id = (select auth.uid()) and (last_team_id is null or last_team_id = any ((select private.permitted_team_ids('team.view'))::uuid[])));
-- email and preferences are not granted: private.team_member_emails() and private.my_profile() give them to those who may know them.
grant select (id, kind, full_name, avatar_url, created_at, updated_at) on public.profiles to authenticated;
grant update (full_name, last_team_id) on public.profiles to authenticated;
grant select, insert, update, delete on public.profiles to service_role;

create policy team_members_select_members on public.team_members for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('team.view'))::uuid[]));
-- Writing is not granted: roles change through private.change_member_role() and private.remove_member() alone.
grant select on public.team_members to authenticated;
grant select, insert, update, delete on public.team_members to service_role;

create policy team_invitations_select_inviters on public.team_invitations for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('members.invite'))::uuid[]));
create policy team_invitations_delete_inviters on public.team_invitations for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('members.invite'))::uuid[]));
-- token_hash is not granted, nor is writing: private.save_invitation() decides which role may be offered.
grant select (id, team_id, email, role, invited_by, created_at, expires_at), delete on public.team_invitations to authenticated;
grant select, insert, update, delete on public.team_invitations to service_role;

-- Triggers -------------------------------------------------------------------------------------------------------------

create trigger teams__set_updated_at before update on public.teams
  for each row execute function private.tg__set_updated_at();
-- The API asks ICU, which knows names that Postgres does not: a team would have no days with one of them.
create function private.tg_teams__require_time_zone() returns trigger
language plpgsql set search_path = '' as $$
begin
  perform now() at time zone new.time_zone;
  return new;
exception when invalid_parameter_value then
  raise exception 'Not a time zone' using errcode = 'PT400', detail = 'time_zone';
end $$;
create trigger teams__require_time_zone before insert or update of time_zone on public.teams
  for each row execute function private.tg_teams__require_time_zone();

-- The first instant of a day in a zone, for every list, log and figure; shared/utils/day.ts is the same for browsers. Where
-- clocks go back over midnight it comes twice and Postgres takes the second; where they go forward over it the day begins
-- later, and one that a zone skipped with the next. The midnight of the offset that was in force the day before is the other candidate.
create function private.day_start(day date, zone text) returns timestamptz
language plpgsql stable set search_path = '' as $$
declare
  midnight timestamp := day_start.day;
  late timestamptz := midnight at time zone zone;
  yesterday timestamptz := late - interval '1 day';
  early timestamptz := midnight at time zone 'UTC' - ((yesterday at time zone zone) - (yesterday at time zone 'UTC'));
begin
  return case when early < late and (early at time zone zone)::date >= day_start.day or (late at time zone zone)::date < day_start.day then early else late end;
end $$;

-- The day of an instant, which begins at its day_start(): clocks that go back over midnight lead into no day twice.
create function private.day_of(at timestamptz, zone text) returns date
language plpgsql stable set search_path = '' as $$
declare
  day date := day_of.at at time zone zone;
begin
  return case when day_of.at >= private.day_start(day + 1, zone) then day + 1 else day end;
end $$;
grant execute on function private.day_start(date, text), private.day_of(timestamptz, text) to authenticated;

create trigger profiles__set_updated_at before update on public.profiles
  for each row execute function private.tg__set_updated_at();

-- A profile follows its auth user. The name comes from sign-up and is cut to what a profile may hold.
create function private.tg_auth_users__sync_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.deleted_at is not null then -- "soft delete" of the admin API, which keeps the sessions
    perform private.replace_person_channels(array[new.id]);
    perform private.end_account(new.id);
    return new;
  end if;
  insert into public.profiles as profile (id, email, full_name)
  values (
    new.id, lower(coalesce(new.email, '')),
    coalesce(private.as_line(new.raw_user_meta_data ->> 'full_name', 100), private.as_line(split_part(new.email, '@', 1), 100), 'Somebody')
  )
  on conflict (id) do update set email = excluded.email, -- no address for a service agent, by its check: its id is no account's
    kind = case profile.kind when 'former' then 'person' else profile.kind end; -- an account that is restored
  return new;
end $$;
create trigger on_auth_user_written after insert or update of email, deleted_at on auth.users
  for each row execute function private.tg_auth_users__sync_profile();

-- What is left of a person whose account is deleted. Who was in no team goes as a whole. Who was in one wrote in it: the
-- profile stays with its name and nothing else, the memberships go with all that hangs on them (tickets become unassigned;
-- drafts, keys, private views, notifications go), and mails to them too. A team whose only owner this was gets the
-- longest-serving person of the highest role as its owner; where nobody is left it stays, and nobody's.
create function private.end_account(user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  owned uuid;
  heir uuid;
begin
  if not exists (select from private.team_people as person where person.user_id = end_account.user_id) then
    delete from public.profiles as profile where profile.id = end_account.user_id;
    return;
  end if;
  update public.profiles as profile set kind = 'former', email = null, avatar_url = null, last_team_id = null, preferences = '{}'
  where profile.id = end_account.user_id and profile.kind <> 'former';
  delete from private.avatars as picture where picture.user_id = end_account.user_id;
  delete from public.mails as mail where mail.recipient_user_id = end_account.user_id;
  -- One after the other, as tg_team_members__keep_an_owner() does: of two owners who go at once, one finds the other gone.
  for owned in
    select team.id from public.teams as team
    where team.id in (select member.team_id from public.team_members as member where member.user_id = end_account.user_id and member.role = 'owner')
    order by team.id for update
  loop
    continue when exists (select from public.team_members as member where member.team_id = owned and member.user_id <> end_account.user_id and member.role = 'owner');
    select member.user_id into heir from public.team_members as member
    join public.profiles as person on person.id = member.user_id and person.kind = 'person'
    where member.team_id = owned and member.user_id <> end_account.user_id
    order by array_position(array['admin', 'member', 'viewer'], member.role), member.joined_at, member.user_id limit 1;
    update public.team_members as member set role = 'owner' where member.team_id = owned and member.user_id = heir;
  end loop;
  delete from public.team_members as member where member.user_id = end_account.user_id;
end $$;

create function private.tg_auth_users__remove_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  perform private.end_account(old.id);
  return null;
end $$;
create trigger on_auth_user_deleted after delete on auth.users
  for each row execute function private.tg_auth_users__remove_profile();

-- Proof of an address binds to who proves it. Anybody may sign up with an address, or change theirs to one, that is
-- somebody else's. The mail goes to its owner; by following the link they prove the mailbox, and never that they chose
-- the password: Supabase Auth keeps that of whoever came first (internal/api/signup.go, verify.go). So a link that proves an
-- address ends what was there before: the password, the sessions with their refresh tokens, the identities of other
-- providers. The person behind the link gets a session from Supabase Auth after this, and chooses a password in it.
-- An account that an administrator makes and confirms was never mailed, and keeps its password.
create function private.tg_auth_users__prove_address() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  new.encrypted_password := null;
  delete from auth.sessions as session where session.user_id = new.id;
  delete from auth.identities as identity where identity.user_id = new.id and identity.provider <> 'email';
  return new;
end $$;
create trigger on_auth_user_address_proven before update of email, email_confirmed_at on auth.users
  for each row when (
    (
      old.email_confirmed_at is null and new.email_confirmed_at is not null
      and (old.confirmation_sent_at is not null or old.recovery_sent_at is not null or old.invited_at is not null)
    ) or (
      new.email is distinct from old.email and old.email_change <> '' and lower(new.email) = lower(old.email_change)
    )
  )
  execute function private.tg_auth_users__prove_address();

-- A service agent never manages: its keys would let whoever holds one manage too.
create function private.tg_team_members__service_role() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.profiles as profile where profile.id = new.user_id and profile.kind = 'former') then
    raise exception 'This account was deleted' using errcode = 'PT404', detail = 'not_found';
  end if;
  if new.role not in ('member', 'viewer') and exists (select from public.profiles as profile where profile.id = new.user_id and profile.kind = 'service') then
    raise exception 'A service agent is a member or a viewer' using errcode = 'PT422', detail = 'service_role';
  end if;
  return new;
end $$;
create trigger team_members__service_role before insert or update of role on public.team_members
  for each row execute function private.tg_team_members__service_role();

create function private.tg_team_members__remember_person() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.team_people (team_id, user_id) values (new.team_id, new.user_id) on conflict do nothing;
  return new;
end $$;
create trigger team_members__remember_person after insert on public.team_members
  for each row execute function private.tg_team_members__remember_person();

-- Who is out of a team has it for last team no more: profiles' policy would refuse every change of theirs.
create function private.tg_team_members__forget_last_team() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.profiles set last_team_id = null where id = old.user_id and last_team_id = old.team_id;
  return null;
end $$;
create trigger team_members__forget_last_team after delete on public.team_members
  for each row execute function private.tg_team_members__forget_last_team();

-- A team keeps an owner as long as one of its owners has an account: see private.end_account(). The lock makes two owners who leave at once take turns.
create function private.tg_team_members__keep_an_owner() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if old.role = 'owner' and (tg_op = 'DELETE' or new.role <> 'owner') then
    perform from public.teams where id = old.team_id and deleted_at is null for update;
    if found and not exists (select from public.profiles as profile where profile.id = old.user_id and profile.kind = 'former') and not exists (
      select from public.team_members
      where team_id = old.team_id and user_id <> old.user_id and role = 'owner'
    ) then
      raise exception 'A team needs an owner' using errcode = 'PT409', detail = 'last_owner';
    end if;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger team_members__keep_an_owner before delete or update of role on public.team_members
  for each row execute function private.tg_team_members__keep_an_owner();

-- Verbs ------------------------------------------------------------------------------------------------------------------

-- Creates a team and makes the caller its owner. A taken slug gets a number behind it unless the caller chose it.
create function private.create_team(name text, slug text default null) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  base text := coalesce(nullif(btrim(regexp_replace(lower(extensions.unaccent(create_team.name)), '[^a-z0-9]+', '-', 'g'), '-'), ''), 'team');
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
      raise exception 'This address is taken' using errcode = 'PT409', detail = 'slug_taken';
    end if;
    attempt := attempt + 1;
    candidate := rtrim(left(base, 40), '-') || '-' || attempt;
  end loop;
  insert into public.team_members (team_id, user_id, role) values (created, (select auth.uid()), 'owner');
  return created;
end $$;

-- E-mail addresses of a team's members, for those who may know them.
create function private.team_member_emails(team_id uuid) returns table (user_id uuid, email text)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select profile.id, profile.email
    from public.team_members as member
    join public.profiles as profile on profile.id = member.user_id
    where member.team_id = team_member_emails.team_id and profile.email is not null
      and private.has_permission(team_member_emails.team_id, 'members.view_emails');
end $$;

create function private.my_profile() returns setof public.profiles
language plpgsql stable security definer set search_path = '' rows 1 as $$
begin
  return query
    select * from public.profiles where id = (select auth.uid()) and not (select private.is_api_key());
end $$;

-- The keys that are given, beside those that stand. Whose column nobody may read, nobody could add to themselves.
create function private.save_preferences(changes jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_person();
  update public.profiles set preferences = preferences || changes where id = (select auth.uid()) and kind = 'person';
end $$;

-- Only owners make or unmake owners; nobody changes their own role. A higher role outlives the session that gives it.
create function private.change_member_role(team_id uuid, user_id uuid, role text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  ranks constant text[] := array['viewer', 'member', 'admin', 'owner'];
  current_role_name text;
begin
  if not private.has_permission(change_member_role.team_id, 'members.manage') then
    raise exception 'Only owners and admins change roles' using errcode = 'PT403', detail = 'forbidden';
  end if;
  select member.role into current_role_name from public.team_members as member
  where member.team_id = change_member_role.team_id and member.user_id = change_member_role.user_id for update;
  if not found then
    raise exception 'No such member' using errcode = 'PT404';
  end if;
  if change_member_role.user_id = (select auth.uid()) then
    raise exception 'Nobody changes their own role' using errcode = 'PT403', detail = 'forbidden';
  end if;
  if 'owner' in (current_role_name, change_member_role.role)
    and not private.has_permission(change_member_role.team_id, 'members.manage_owners') then
    raise exception 'Only owners make or unmake owners' using errcode = 'PT403', detail = 'forbidden';
  end if;
  if array_position(ranks, change_member_role.role) > array_position(ranks, current_role_name) then
    perform private.require_recent_sign_in();
  end if;
  update public.team_members as member set role = change_member_role.role
  where member.team_id = change_member_role.team_id and member.user_id = change_member_role.user_id
    and member.role <> change_member_role.role;
end $$;

-- Removes somebody, or oneself (leaving).
create function private.remove_member(team_id uuid, user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  current_role_name text;
begin
  if not private.is_team_member(remove_member.team_id) then
    raise exception 'No such team' using errcode = 'PT404';
  end if;
  perform private.require_person();
  if remove_member.user_id <> (select auth.uid()) then
    if not private.has_permission(remove_member.team_id, 'members.manage') then
      raise exception 'Only owners and admins remove members' using errcode = 'PT403', detail = 'forbidden';
    end if;
    select member.role into current_role_name from public.team_members as member
    where member.team_id = remove_member.team_id and member.user_id = remove_member.user_id for update;
    if not found then
      raise exception 'No such member' using errcode = 'PT404';
    end if;
    if current_role_name = 'owner' and not private.has_permission(remove_member.team_id, 'members.manage_owners') then
      raise exception 'Only owners remove owners' using errcode = 'PT403', detail = 'forbidden';
    end if;
  end if;
  delete from public.team_members as member
  where member.team_id = remove_member.team_id and member.user_id = remove_member.user_id;
end $$;

-- Invites a mailbox, or renews its invitation: another token, another 72 hours, and the old token is dead.
create function private.save_invitation(team_id uuid, email text, role text, token_hash bytea) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  saved uuid;
begin
  if not private.has_permission(save_invitation.team_id, 'members.invite')
    or (save_invitation.role = 'owner' and not private.has_permission(save_invitation.team_id, 'members.manage_owners')) then
    raise exception 'Your role does not allow this invitation' using errcode = 'PT403', detail = 'forbidden';
  end if;
  perform private.require_recent_sign_in(); -- in whatever role: the invited mailbox outlives the session that invites it
  if exists (
    select from public.team_members as member
    join public.profiles as profile on profile.id = member.user_id
    where member.team_id = save_invitation.team_id and profile.email = save_invitation.email
  ) then
    raise exception 'This person is already a member' using errcode = 'PT409', detail = 'already_member';
  end if;
  -- Whoever it is to: that somebody has answered once asks for no invitations.
  perform private.require_stranger_mail(save_invitation.team_id, 'invitation', save_invitation.email);
  insert into public.team_invitations as invitation (team_id, email, role, token_hash, invited_by)
  values (save_invitation.team_id, save_invitation.email, save_invitation.role, save_invitation.token_hash, (select auth.uid()))
  on conflict on constraint team_invitations_team_id_email_key do update set
    role = excluded.role, token_hash = excluded.token_hash, invited_by = excluded.invited_by,
    created_at = now(), expires_at = now() + interval '72 hours'
  returning invitation.id into saved;
  return saved;
end $$;

-- What the holder of a token may see before signing in: the token itself is the permission.
create function private.invitation_preview(token_hash bytea)
returns table (team_name text, email text, role text, invited_by text, expires_at timestamptz)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select team.name, invitation.email, invitation.role, inviter.full_name, invitation.expires_at
    from public.team_invitations as invitation
    join public.teams as team on team.id = invitation.team_id
    left join public.profiles as inviter on inviter.id = invitation.invited_by
    where invitation.token_hash = invitation_preview.token_hash and invitation.expires_at > now();
end $$;

-- Accepts an invitation for the caller, whose confirmed mailbox it must be bound to. The row lock lets one of several
-- simultaneous calls win; the inviter must still be somebody who may offer this role.
create function private.accept_invitation(token_hash bytea) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  invitation public.team_invitations;
begin
  perform private.require_person();
  select * into invitation from public.team_invitations as candidate
  where candidate.token_hash = accept_invitation.token_hash and candidate.expires_at > now() for update;
  if not found then
    raise exception 'This invitation is not valid any more' using errcode = 'PT404', detail = 'invitation_invalid';
  end if;
  if not exists (
    select from auth.users as account
    where account.id = (select auth.uid()) and lower(account.email) = invitation.email and account.email_confirmed_at is not null
  ) then
    raise exception 'This invitation is for another mailbox' using errcode = 'PT403', detail = 'wrong_mailbox';
  end if;
  if not exists (
    select from public.team_members as inviter
    join private.role_permissions as rule on rule.role = inviter.role
    where inviter.team_id = invitation.team_id and inviter.user_id = invitation.invited_by
      and rule.permission = case when invitation.role = 'owner' then 'members.manage_owners' else 'members.invite' end
  ) then
    raise exception 'This invitation is not valid any more' using errcode = 'PT404', detail = 'invitation_invalid';
  end if;
  insert into public.team_members (team_id, user_id, role)
  values (invitation.team_id, (select auth.uid()), invitation.role)
  on conflict (team_id, user_id) do nothing;
  delete from public.team_invitations where id = invitation.id;
  perform private.remember_mailbox(invitation.team_id, invitation.email);
  return invitation.team_id;
end $$;

create function private.save_avatar(content bytea, content_type text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_person();
  insert into private.avatars (user_id, content, content_type)
  values ((select auth.uid()), save_avatar.content, save_avatar.content_type)
  on conflict (user_id) do update set content = excluded.content, content_type = excluded.content_type, updated_at = now();
  -- The version in the address lets browsers keep a picture for as long as they like.
  update public.profiles set avatar_url = '/api/avatars/' || id || '?v=' || left(encode(extensions.digest(save_avatar.content, 'sha256'), 'hex'), 12)
  where id = (select auth.uid());
end $$;

create function private.delete_avatar() returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_person();
  delete from private.avatars where user_id = (select auth.uid());
  update public.profiles set avatar_url = null where id = (select auth.uid());
end $$;

create function private.avatar(user_id uuid) returns table (content bytea, content_type text)
language plpgsql stable security definer set search_path = '' as $$
begin
  return query
    select picture.content, picture.content_type from private.avatars as picture
    where picture.user_id = avatar.user_id
      and not (select private.is_api_key())
      and (picture.user_id = (select auth.uid()) or picture.user_id in (select private.visible_profile_ids()));
end $$;

grant execute on function
  private.create_team(text, text), private.team_member_emails(uuid), private.my_profile(), private.save_preferences(jsonb),
  private.change_member_role(uuid, uuid, text), private.remove_member(uuid, uuid),
  private.save_invitation(uuid, text, text, bytea), private.accept_invitation(bytea),
  private.save_avatar(bytea, text), private.delete_avatar(), private.avatar(uuid)
to authenticated;
grant usage on schema private to anon;
grant execute on function private.invitation_preview(bytea) to anon, authenticated;
