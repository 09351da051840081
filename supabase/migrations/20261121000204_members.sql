-- Members: who is in which team with which role, and who was.

create table public.team_members (
  team_id uuid not null references public.teams (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  joined_at timestamptz not null default now(),
  primary key (team_id, user_id)
);
alter table public.team_members enable row level security;
create index team_members_user_id on public.team_members (user_id, team_id); -- "my teams", read by every policy
comment on table public.team_members is 'A person in a team, with a role';

-- Everybody who has ever been in a team: the names of former members stay readable on what they wrote.
create table private.team_people (
  team_id uuid not null references public.teams (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  primary key (team_id, user_id)
);
create index team_people_user_id on private.team_people (user_id);
comment on table private.team_people is 'Present and former members of a team';

-- A service agent never manages a team: otherwise anybody with one of its keys could.
create function private.tg_team_members__service_role() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if exists (select from public.profiles as profile where profile.id = new.user_id and profile.kind = 'former') then
    raise exception 'This account was deleted' using errcode = 'PT404', detail = 'not_found';
  end if;
  if new.role not in ('member', 'viewer')
    and exists (select from public.profiles as profile where profile.id = new.user_id and profile.kind = 'service') then
    raise exception 'A service agent can only be a member or a viewer' using errcode = 'PT422', detail = 'service_role';
  end if;
  return new;
end $$;
create trigger _200_service_role before insert or update of role on public.team_members
  for each row execute function private.tg_team_members__service_role();

create function private.tg_team_members__remember_person() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.team_people (team_id, user_id) values (new.team_id, new.user_id) on conflict do nothing;
  return new;
end $$;
create trigger _700_remember_person after insert on public.team_members
  for each row execute function private.tg_team_members__remember_person();

-- A team that a person has left cannot stay their last team: the policy of profiles would then refuse every change to
-- their profile.
create function private.tg_team_members__forget_last_team() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.profiles set last_team_id = null where id = old.user_id and last_team_id = old.team_id;
  return null;
end $$;
create trigger _550_forget_last_team after delete on public.team_members
  for each row execute function private.tg_team_members__forget_last_team();

-- A team keeps an owner while one of its owners has an account: see private.end_account(). The lock makes two owners who leave at
-- the same time take turns.
create function private.tg_team_members__keep_an_owner() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if old.role = 'owner' and (tg_op = 'DELETE' or new.role <> 'owner') then
    perform from public.teams where id = old.team_id and deleted_at is null for update;
    if found and not exists (select from public.profiles as profile where profile.id = old.user_id and profile.kind = 'former')
      and not exists (
      select from public.team_members
      where team_id = old.team_id and user_id <> old.user_id and role = 'owner'
    ) then
      raise exception 'A team needs an owner' using errcode = 'PT409', detail = 'last_owner';
    end if;
  end if;
  return case when tg_op = 'DELETE' then old else new end;
end $$;
create trigger _100_keep_an_owner before delete or update of role on public.team_members
  for each row execute function private.tg_team_members__keep_an_owner();

-- E-mail addresses of a team's members, for callers who may see them.
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

-- Only owners add or remove owners, and nobody changes their own role. A higher role needs a recent sign-in, because
-- it outlives the session.
create function private.change_member_role(team_id uuid, user_id uuid, role text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  ranks constant text[] := array['viewer', 'member', 'admin', 'owner'];
  current_role_name text;
begin
  if not private.has_permission(change_member_role.team_id, 'members.manage') then
    raise exception 'Only owners and admins can change roles' using errcode = 'PT403', detail = 'forbidden';
  end if;
  select member.role into current_role_name from public.team_members as member
  where member.team_id = change_member_role.team_id and member.user_id = change_member_role.user_id for update;
  if not found then
    raise exception 'No such member' using errcode = 'PT404';
  end if;
  if change_member_role.user_id = (select auth.uid()) then
    raise exception 'You cannot change your own role' using errcode = 'PT403', detail = 'forbidden';
  end if;
  if 'owner' in (current_role_name, change_member_role.role)
    and not private.has_permission(change_member_role.team_id, 'members.manage_owners') then
    raise exception 'Only owners can add or remove owners' using errcode = 'PT403', detail = 'forbidden';
  end if;
  if array_position(ranks, change_member_role.role) > array_position(ranks, current_role_name) then
    perform private.require_recent_sign_in();
  end if;
  update public.team_members as member set role = change_member_role.role
  where member.team_id = change_member_role.team_id and member.user_id = change_member_role.user_id
    and member.role <> change_member_role.role;
end $$;

-- Removes a member, or the caller (leaving).
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
      raise exception 'Only owners and admins can remove members' using errcode = 'PT403', detail = 'forbidden';
    end if;
    select member.role into current_role_name from public.team_members as member
    where member.team_id = remove_member.team_id and member.user_id = remove_member.user_id for update;
    if not found then
      raise exception 'No such member' using errcode = 'PT404';
    end if;
    if current_role_name = 'owner' and not private.has_permission(remove_member.team_id, 'members.manage_owners') then
      raise exception 'Only owners can remove owners' using errcode = 'PT403', detail = 'forbidden';
    end if;
  end if;
  delete from public.team_members as member
  where member.team_id = remove_member.team_id and member.user_id = remove_member.user_id;
end $$;
grant execute on function private.team_member_emails(uuid), private.change_member_role(uuid, uuid, text), private.remove_member(uuid, uuid)
  to authenticated;
