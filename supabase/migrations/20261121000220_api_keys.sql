-- API keys: programs act for a member of the team, within the role of that member and the scopes of the key.

create table public.api_keys (
  id uuid primary key default gen_random_uuid(),
  team_id uuid not null,
  user_id uuid not null,
  name text not null check (length(name) between 1 and 100 and private.is_line(name)),
  prefix text not null check (prefix ~ '^sk_[A-Za-z0-9_-]{8}$'),
  -- 256 random bits need neither a salt nor a slow digest: they cannot be guessed.
  key_hash bytea not null unique check (octet_length(key_hash) = 32),
  scopes text[] not null check (cardinality(scopes) between 1 and 4 and scopes <@ array['read', 'write', 'assign', 'export']),
  created_by uuid references public.profiles (id) on delete set null,
  last_used_at timestamptz,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  -- A member who leaves the team loses their keys in it.
  foreign key (team_id, user_id) references public.team_members (team_id, user_id) on delete cascade
);
alter table public.api_keys enable row level security;
create index api_keys_by_member on public.api_keys (team_id, user_id); -- the list, and the foreign key
create index api_keys_created_by on public.api_keys (created_by); -- the foreign key
comment on table public.api_keys is 'API keys: programs use them to act as a member of a team';
comment on column public.api_keys.key_hash is 'SHA-256 of the key; no role may select it';
comment on column public.api_keys.created_by is 'The person who created the key, or rotated it last';

create policy api_keys_select_managers on public.api_keys for select to authenticated
  using (
    team_id = any ((select private.permitted_team_ids('api_keys.manage'))::uuid[])
    or (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('api_keys.own'))::uuid[]))
  );
create policy api_keys_delete_managers on public.api_keys for delete to authenticated
  using (
    team_id = any ((select private.permitted_team_ids('api_keys.manage'))::uuid[])
    or (user_id = (select auth.uid()) and team_id = any ((select private.permitted_team_ids('api_keys.own'))::uuid[]))
  );
-- key_hash is not granted, and neither is writing: private.create_api_key() and rotate_api_key() decide for whom a key acts.
grant select (id, team_id, user_id, name, prefix, scopes, created_by, last_used_at, created_at, expires_at), delete on public.api_keys
  to authenticated;
grant select, insert, update, delete on public.api_keys to service_role;

-- Functions -------------------------------------------------------------------------------------------------------------

-- Owners and admins make keys that act as themselves or as members of a lower role: members, viewers and service agents. A key that
-- acts as another owner or admin would give that role to everybody who asks for a key.
create function private.require_key_holder(team_id uuid, user_id uuid) returns void
language plpgsql stable security definer set search_path = '' as $$
declare
  holder_role text;
begin
  if not private.has_permission(require_key_holder.team_id, 'api_keys.manage') then
    raise exception 'Only owners and admins can make API keys' using errcode = 'PT403', detail = 'forbidden';
  end if;
  select member.role into holder_role from public.team_members as member
  where member.team_id = require_key_holder.team_id and member.user_id = require_key_holder.user_id;
  if not found then
    raise exception 'Not a member of this team' using errcode = 'PT400', detail = 'user_id';
  end if;
  if require_key_holder.user_id <> (select auth.uid()) and holder_role not in ('member', 'viewer') then
    raise exception 'A key can only act as you, a service agent, a member or a viewer' using errcode = 'PT403', detail = 'key_holder';
  end if;
end $$;

-- Refuses useless scopes: each scope must carry a permission of the holder's role that reading does not carry. `assign` also needs
-- `write`, because assigning changes the ticket.
create function private.require_key_scopes(team_id uuid, user_id uuid, scopes text[]) returns void
language plpgsql stable security definer set search_path = '' as $$
declare
  holder public.team_members;
  useless text;
begin
  if cardinality(scopes) > (select count(distinct scope) from unnest(require_key_scopes.scopes) as scope) then
    raise exception 'List each scope only once' using errcode = 'PT422', detail = 'scopes';
  end if;
  if 'assign' = any (scopes) and not 'write' = any (scopes) then
    raise exception 'The scope assign also requires the scope write, because assigning changes a ticket' using errcode = 'PT422',
      detail = 'scopes';
  end if;
  select member.* into holder from public.team_members as member
  where member.team_id = require_key_scopes.team_id and member.user_id = require_key_scopes.user_id;
  select string_agg(scope, ', ') into useless from unnest(require_key_scopes.scopes) as scope
  where scope <> 'read'
    and exists (select from private.scope_permissions as known where known.scope = scope.scope)
    and not exists (
      select from private.scope_permissions as allowed
      join private.role_permissions as rule on rule.permission = allowed.permission
        and (rule.role = holder.role or (rule.role = 'agent' and private.is_agent(holder)))
      where allowed.scope = scope.scope
        and not exists (select from private.scope_permissions as reading
          where reading.scope = 'read' and reading.permission = allowed.permission)
    );
  if useless is not null then
    raise exception 'The role of this member does not allow anything in the scope %', useless using errcode = 'PT422', detail = 'scopes';
  end if;
end $$;

-- Makes a key for a member, or, if user_id is null, for a new service agent with that role and the name of the key.
create function private.create_api_key(team_id uuid, user_id uuid, name text, scopes text[], expires_at timestamptz, prefix text,
    key_hash bytea, role text default 'member')
  returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  holder uuid := create_api_key.user_id;
  created uuid;
begin
  if not private.has_permission(create_api_key.team_id, 'api_keys.manage') then
    raise exception 'Only owners and admins can make API keys' using errcode = 'PT403', detail = 'forbidden';
  end if;
  perform private.require_recent_sign_in(); -- a key outlives the session that makes it
  -- The lock makes simultaneous calls take turns at the limit.
  perform from public.teams as team where team.id = create_api_key.team_id for no key update;
  if (select count(*) from public.api_keys as key where key.team_id = create_api_key.team_id) >= 100 then
    raise exception 'A team has at most 100 API keys' using errcode = 'PT422', detail = 'limit';
  end if;
  if create_api_key.expires_at <= now() then
    raise exception 'This time is in the past' using errcode = 'PT400', detail = 'expires_at';
  end if;
  if holder is null then
    insert into public.profiles as profile (kind, full_name) values ('service', create_api_key.name) returning profile.id into holder;
    insert into public.team_members (team_id, user_id, role) values (create_api_key.team_id, holder, create_api_key.role);
  end if;
  perform private.require_key_holder(create_api_key.team_id, holder);
  perform private.require_key_scopes(create_api_key.team_id, holder, create_api_key.scopes);
  insert into public.api_keys as key (team_id, user_id, name, scopes, expires_at, prefix, key_hash, created_by)
  values (create_api_key.team_id, holder, create_api_key.name, create_api_key.scopes, create_api_key.expires_at, create_api_key.prefix,
    create_api_key.key_hash, (select auth.uid()))
  returning key.id into created;
  return created;
end $$;

-- Replaces the secret of a key; the old secret is unknown from now on. An expired key would stay expired, so it is refused.
create function private.rotate_api_key(team_id uuid, key_id uuid, prefix text, key_hash bytea) returns void
language plpgsql security definer set search_path = '' as $$
declare
  holder uuid;
  has_expired boolean;
begin
  select key.user_id, key.expires_at <= now() into holder, has_expired from public.api_keys as key
    where key.team_id = rotate_api_key.team_id and key.id = rotate_api_key.key_id for no key update;
  if not found or not private.has_permission(rotate_api_key.team_id, 'team.view') then
    raise exception 'Not found, or you have no access to it' using errcode = 'PT404';
  end if;
  perform private.require_key_holder(rotate_api_key.team_id, holder);
  perform private.require_recent_sign_in();
  if has_expired then
    raise exception 'This key has expired; create another' using errcode = 'PT422', detail = 'expired';
  end if;
  update public.api_keys as key set prefix = rotate_api_key.prefix, key_hash = rotate_api_key.key_hash, created_by = (select auth.uid()),
    last_used_at = null
  where key.id = rotate_api_key.key_id;
end $$;

grant execute on function private.create_api_key(uuid, uuid, text, text[], timestamptz, text, bytea, text),
    private.rotate_api_key(uuid, uuid, text, bytea)
  to authenticated;

-- A member who becomes an owner or admin loses the keys that somebody else has seen: these would carry the new role.
create function private.tg_team_members__revoke_keys() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from public.api_keys as key
    where key.team_id = new.team_id and key.user_id = new.user_id and key.created_by is distinct from new.user_id;
  return null;
end $$;
create trigger _900_revoke_keys after update of role on public.team_members
  for each row when (new.role in ('owner', 'admin') and old.role not in ('owner', 'admin'))
  execute function private.tg_team_members__revoke_keys();

-- Use of keys -----------------------------------------------------------------------------------------------------------

-- One row for each key in use: when its allowance will be full again (the "theoretical arrival time" of the generic cell rate
-- algorithm). Unlogged: a request costs no flush to disk, and after a crash every allowance is full.
create unlogged table private.api_key_allowances (
  key_id uuid primary key, -- no foreign key: every first use would lock the key for it, see tg_api_keys__record_events()
  whole_at timestamptz not null
);
comment on table private.api_key_allowances is 'The rate budget that each API key has used';

-- Spends one request of a key. Returns no row for a key that is unknown, revoked or expired. 600 requests a minute, of which 100 may
-- come at once: a request takes 100 ms of the allowance, and the allowance is 10 s. `wait` is null if there was enough; otherwise
-- nothing is spent, and it is the seconds until there is enough. After `reset` seconds the allowance is full. The key is looked up by
-- its digest, so timing reveals nothing.
create function private.use_api_key(key_hash bytea)
returns table (id uuid, team_id uuid, user_id uuid, kind text, role text, scopes text[], remaining integer, reset double precision,
  wait double precision)
language plpgsql security definer set search_path = '' as $$
declare
  cost constant interval := interval '100 milliseconds';
  allowance constant interval := interval '10 seconds';
  called_at constant timestamptz := clock_timestamp();
  full_at timestamptz;
  used_at timestamptz;
begin
  select key.id, key.team_id, key.user_id, holder.kind, member.role, key.scopes, key.last_used_at into id, team_id, user_id, kind, role,
    scopes, used_at
  from public.api_keys as key
  join public.team_members as member on member.team_id = key.team_id and member.user_id = key.user_id
  join public.profiles as holder on holder.id = key.user_id
  where key.key_hash = use_api_key.key_hash and (key.expires_at is null or key.expires_at > called_at)
    -- A banned person has no valid key. A service agent has no account to ban; a deleted account has no membership.
    and not exists (select from auth.users as account where account.id = key.user_id and account.banned_until > called_at);
  if not found then
    return;
  end if;
  -- Rounded to the minute, so that a busy key is not written at each request. Before the allowance: revoking locks both in this order.
  if used_at is null or used_at < called_at - interval '1 minute' then
    update public.api_keys as key set last_used_at = called_at
      where key.id = use_api_key.id and (key.last_used_at is null or key.last_used_at < called_at - interval '1 minute');
  end if;
  insert into private.api_key_allowances as spent (key_id, whole_at) values (use_api_key.id, called_at + cost)
  on conflict (key_id) do update set whole_at = greatest(spent.whole_at, called_at) + cost
    where greatest(spent.whole_at, called_at) + cost <= called_at + allowance
  returning spent.whole_at into full_at;
  if not found then
    select spent.whole_at into full_at from private.api_key_allowances as spent where spent.key_id = use_api_key.id;
    wait := extract(epoch from full_at + cost - called_at - allowance);
  end if;
  remaining := greatest(0, floor(extract(epoch from called_at + allowance - full_at) / extract(epoch from cost)));
  reset := greatest(0, extract(epoch from full_at - called_at));
  return next;
end $$;
comment on function private.use_api_key(bytea) is
  'Returns the member that the key with this digest acts as, and the rest of its rate; needs no permission but the key';
grant execute on function private.use_api_key(bytea) to anon;

-- Events ----------------------------------------------------------------------------------------------------------------

create function private.api_key_reference(key public.api_keys) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  return jsonb_build_object('name', key.name, 'prefix', key.prefix, 'member', private.person_reference(key.user_id), 'scopes', key.scopes);
end $$;

create function private.tg_api_keys__record_events() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    perform private.record_event(new.team_id, null, null, 'api_key.created', null, private.api_key_reference(new));
  elsif tg_op = 'DELETE' then
    delete from private.api_key_allowances as spent where spent.key_id = old.id;
    perform private.record_event(old.team_id, null, null, 'api_key.revoked', private.api_key_reference(old), null);
  else
    perform private.record_event(new.team_id, null, null, 'api_key.rotated', private.api_key_reference(old),
      private.api_key_reference(new));
  end if;
  return null;
end $$;
create trigger api_keys__record_events after insert or delete on public.api_keys
  for each row execute function private.tg_api_keys__record_events();
create trigger api_keys__record_rotation after update on public.api_keys
  for each row when (new.key_hash <> old.key_hash or new.scopes <> old.scopes) execute function private.tg_api_keys__record_events();
