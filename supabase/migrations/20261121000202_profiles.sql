-- Profiles: people and service agents. A profile follows its auth user and has a picture and preferences.

create table public.profiles (
  id uuid primary key default gen_random_uuid(), -- for a person, the id of their auth user
  -- service: a service agent works in a team through API keys only. It has no auth user, so nobody can sign in as it, and it gets
  -- no mail.
  -- former: the account was deleted; the name stays on what they wrote.
  kind text not null default 'person' check (kind in ('person', 'service', 'former')),
  email text check ((email is null) = (kind <> 'person')),
  full_name text not null check (length(full_name) between 1 and 100 and private.is_line(full_name)),
  avatar_url text check (length(avatar_url) <= 500),
  last_team_id uuid references public.teams (id) on delete set null,
  -- Preferences of lists and keyboard shortcuts, read by this person only. shared/schemas/preferences.ts defines the keys.
  preferences jsonb not null default '{}' check (jsonb_typeof(preferences) = 'object' and length(preferences::text) <= 4000),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
alter table public.profiles enable row level security;
create index profiles_last_team_id on public.profiles (last_team_id); -- for "set null" of the foreign key
comment on table public.profiles is 'Everybody who acts: a person for each auth user, and the service agents of teams';

-- Pictures are small (256 x 256) and are stored in the database, so that they are backed up and deleted with their person.
create table private.avatars (
  user_id uuid primary key references public.profiles (id) on delete cascade,
  content bytea not null check (octet_length(content) <= 262144),
  content_type text not null check (content_type in ('image/png', 'image/jpeg', 'image/webp')),
  updated_at timestamptz not null default now()
);
comment on table private.avatars is 'Profile pictures, served by /api/avatars';

create trigger profiles__set_updated_at before update on public.profiles
  for each row execute function private.tg__set_updated_at();

-- Keeps the profile equal to its auth user. The name comes from sign-up and is cut to the length that a profile allows.
create function private.tg_auth_users__sync_profile() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if new.deleted_at is not null then -- a "soft delete" of the admin API keeps the sessions
    perform private.replace_person_channels(array[new.id]);
    perform private.end_account(new.id);
    return new;
  end if;
  insert into public.profiles as profile (id, email, full_name)
  values (
    new.id, lower(coalesce(new.email, '')),
    coalesce(private.as_line(new.raw_user_meta_data ->> 'full_name', 100), private.as_line(split_part(new.email, '@', 1), 100), 'Somebody')
  )
  on conflict (id) do update set email = excluded.email, -- a service agent cannot get an address here: no account has its id
    kind = case profile.kind when 'former' then 'person' else profile.kind end; -- the account was restored
  return new;
end $$;
create trigger on_auth_user_written after insert or update of email, deleted_at on auth.users
  for each row execute function private.tg_auth_users__sync_profile();

-- Ends the account of a person. If they were never in a team, the whole profile is deleted. Otherwise the profile stays with its
-- name only. Their memberships are deleted with everything that depends on them (tickets become unassigned; drafts, keys, private
-- views and notifications are deleted), and so are mails to them. If they were the only owner of a team, its longest-serving
-- person with the highest role becomes the owner. A team without any member stays, without an owner.
create function private.end_account(user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  owned uuid;
  new_owner uuid;
begin
  if not exists (select from private.team_people as person where person.user_id = end_account.user_id) then
    delete from public.profiles as profile where profile.id = end_account.user_id;
    return;
  end if;
  update public.profiles as profile set kind = 'former', email = null, avatar_url = null, last_team_id = null, preferences = '{}'
  where profile.id = end_account.user_id and profile.kind <> 'former';
  delete from private.avatars as picture where picture.user_id = end_account.user_id;
  delete from public.mails as mail where mail.recipient_user_id = end_account.user_id;
  -- Locks the teams one after the other, as tg_team_members__keep_an_owner() does: if two owners are deleted at once, the second
  -- sees that the first has gone.
  for owned in
    select team.id from public.teams as team
    where team.id in (select member.team_id from public.team_members as member
      where member.user_id = end_account.user_id and member.role = 'owner')
    order by team.id for update
  loop
    continue
      when exists (select from public.team_members as member
        where member.team_id = owned and member.user_id <> end_account.user_id and member.role = 'owner');
    select member.user_id into new_owner from public.team_members as member
    join public.profiles as person on person.id = member.user_id and person.kind = 'person'
    where member.team_id = owned and member.user_id <> end_account.user_id
    order by array_position(array['admin', 'member', 'viewer'], member.role), member.joined_at, member.user_id limit 1;
    update public.team_members as member set role = 'owner' where member.team_id = owned and member.user_id = new_owner;
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

-- A confirmed address belongs to the person who opened its mail. Anybody may sign up with somebody else's address, or change
-- theirs to it. The mail goes to the owner of the mailbox. Following the link proves the mailbox, but not that its owner chose
-- the password: Supabase Auth keeps the password of whoever signed up first (internal/api/signup.go, verify.go). So confirming an
-- address removes what the account had before: the password, the sessions with their refresh tokens, the identities of other
-- providers. Supabase Auth then creates a session for the person behind the link, and they choose a password in it.
-- An account that an administrator creates and confirms gets no mail and keeps its password.
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

create function private.my_profile() returns setof public.profiles
language plpgsql stable security definer set search_path = '' rows 1 as $$
begin
  return query
    select * from public.profiles where id = (select auth.uid()) and not (select private.is_api_key());
end $$;

-- Merges the given keys into the stored preferences. Nobody may read the column, so nobody may be granted to update it.
create function private.save_preferences(changes jsonb) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_person();
  update public.profiles set preferences = preferences || changes where id = (select auth.uid()) and kind = 'person';
end $$;

create function private.save_avatar(content bytea, content_type text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_person();
  insert into private.avatars (user_id, content, content_type)
  values ((select auth.uid()), save_avatar.content, save_avatar.content_type)
  on conflict (user_id) do update set content = excluded.content, content_type = excluded.content_type, updated_at = now();
  -- The version in the URL lets browsers cache a picture forever.
  update public.profiles set avatar_url = '/api/avatars/' || id || '?v='
    || left(encode(extensions.digest(save_avatar.content, 'sha256'), 'hex'), 12)
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
grant execute on function private.my_profile(), private.save_preferences(jsonb), private.save_avatar(bytea, text), private.delete_avatar(),
  private.avatar(uuid)
to authenticated;
