-- Permissions: the functions that every policy calls, and the policies and grants of teams, profiles, members and invitations.

-- A service agent that works on tickets: its keys may have permissions that no person of its role has.
create function private.is_agent(member public.team_members) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return member.role = 'member'
    and exists (select from public.profiles as profile where profile.id = member.user_id and profile.kind = 'service');
end $$;

-- Security definer, because the policy of team_members calls them too; the empty search_path excludes pg_temp.
-- If an API key acts for its member, the claims name it: { id, team_id, scopes }. Every answer is limited to that team and those
-- scopes. A claim can remove permissions and never add any. An ended session is in no team.

-- The one team of this transaction: that of the key, or that of the route, which the server sets so that the cost does not grow
-- with the number of the caller's teams. Like a claim, the setting can remove permissions and never add any. Null: any team.
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

-- The roles in which the caller has the permission: the only definition of who may do what. Conditions that are the same in every
-- team (the session, the scopes of a key, whether the caller is a service agent) are checked once, here.
create function private.roles_with(permission text) returns text[]
language plpgsql stable security definer set search_path = '' as $$
declare
  api_key jsonb := nullif(current_setting('request.jwt.claims', true), '')::jsonb -> 'api_key';
begin
  if not private.has_live_session() or (api_key is not null and not exists (
    select from private.scope_permissions as allowed
      where allowed.permission = roles_with.permission and api_key -> 'scopes' ? allowed.scope
  )) then
    return '{}';
  end if;
  return array(
    select case rule.role when 'agent' then 'member' else rule.role end from private.role_permissions as rule
    where rule.permission = roles_with.permission
      and (rule.role <> 'agent'
        or exists (select from public.profiles as profile where profile.id = (select auth.uid()) and profile.kind = 'service'))
  );
end $$;

create function private.has_permission(team_id uuid, permission text) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return has_permission.team_id is not distinct from coalesce(private.only_team_id(), has_permission.team_id) and exists (
    select from public.team_members as member
    where member.team_id = has_permission.team_id and member.user_id = (select auth.uid())
      and member.role = any (private.roles_with(has_permission.permission))
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
  return array(select member.team_id from public.team_members as member
    where member.user_id = (select auth.uid()) and member.role = any (roles));
end $$;
comment on function private.permitted_team_ids(text) is 'Teams in which the caller has the permission; policies call it once per query';

create function private.is_team_member(team_id uuid) returns boolean
language plpgsql stable security definer set search_path = '' as $$
begin
  return is_team_member.team_id is not distinct from coalesce(private.only_team_id(), is_team_member.team_id) and private.has_live_session()
    and exists (
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

-- A key does nothing outside of its team: no profile, no joining and leaving.
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
    raise exception 'An API key cannot do this' using errcode = 'PT403', detail = 'api_key';
  end if;
  -- A token outlives its account by at most an hour.
  if exists (select from public.profiles as profile where profile.id = (select auth.uid()) and profile.kind = 'former') then
    raise exception 'Sign in first' using errcode = '42501';
  end if;
end $$;

-- Raises what the caller lacks. If a key acts for a member whose role would suffice, it lacks a scope.
create function private.require_permission(team_id uuid, permission text) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if private.has_permission(require_permission.team_id, require_permission.permission) then
    return;
  end if;
  if private.is_api_key() and exists (
    select from public.team_members as member
    join private.role_permissions as rule on rule.role = member.role or (rule.role = 'agent' and private.is_agent(member))
    where member.team_id = require_permission.team_id and member.user_id = (select auth.uid())
      and rule.permission = require_permission.permission
  ) then
    raise exception 'The scopes of this API key do not allow this' using errcode = 'PT403', detail = 'scope';
  end if;
  raise exception 'Your role does not allow this' using errcode = 'PT403', detail = 'forbidden';
end $$;

grant execute on function private.permitted_team_ids(text), private.has_permission(uuid, text),
  private.is_team_member(uuid), private.visible_profile_ids(), private.is_api_key(), private.acting_api_key_id() to authenticated;

-- Policies and grants

create policy teams_select_members on public.teams for select to authenticated
  using (id = any ((select private.permitted_team_ids('team.view'))::uuid[]));
create policy teams_update_managers on public.teams for update to authenticated
  using (id = any ((select private.permitted_team_ids('team.update'))::uuid[]))
  with check (id = any ((select private.permitted_team_ids('team.update'))::uuid[]));
create policy teams_delete_owners on public.teams for delete to authenticated
  using (id = any ((select private.permitted_team_ids('team.delete'))::uuid[]));
-- Insert is not granted: private.create_team() also makes the caller its owner.
grant select, delete on public.teams to authenticated;
grant update (name, slug, time_zone, auto_close_days, unscanned_files, client_mails, rating_delay_minutes, portal_color, client_priority,
  portal_shows_due, help_locales)
  on public.teams to authenticated;
grant select, insert, update, delete on public.teams to service_role;

create policy profiles_select_known on public.profiles for select to authenticated
  using (id = (select auth.uid()) or id in (select private.visible_profile_ids()));
create policy profiles_update_self on public.profiles for update to authenticated
  using (id = (select auth.uid()) and kind = 'person' and not (select private.is_api_key()))
  -- a foreign key ignores row-level security: without the second line, an error would reveal which ids are teams
  with check (id = (select auth.uid())
    and (last_team_id is null or last_team_id = any ((select private.permitted_team_ids('team.view'))::uuid[])));
-- email and preferences are not granted: private.team_member_emails() and private.my_profile() return them to callers
-- who may see them.
grant select (id, kind, full_name, avatar_url, created_at, updated_at) on public.profiles to authenticated;
grant update (full_name, last_team_id) on public.profiles to authenticated;
grant select, insert, update, delete on public.profiles to service_role;

create policy team_members_select_members on public.team_members for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('team.view'))::uuid[]));
-- Writing is not granted: only private.change_member_role() and private.remove_member() change members.
grant select on public.team_members to authenticated;
grant select, insert, update, delete on public.team_members to service_role;

create policy team_invitations_select_inviters on public.team_invitations for select to authenticated
  using (team_id = any ((select private.permitted_team_ids('members.invite'))::uuid[]));
create policy team_invitations_delete_inviters on public.team_invitations for delete to authenticated
  using (team_id = any ((select private.permitted_team_ids('members.invite'))::uuid[]));
-- token_hash is not granted, and neither is writing: private.save_invitation() decides which role may be offered.
grant select (id, team_id, email, role, invited_by, created_at, expires_at), delete on public.team_invitations to authenticated;
grant select, insert, update, delete on public.team_invitations to service_role;
