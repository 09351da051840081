-- What every later chapter stands on: the private schema, closed defaults, and the list of who may do what.

-- Security-definer functions and what nobody may read directly live in `private`, which the Data API never exposes.
create schema private;
revoke all on schema private from public;
grant usage on schema private to authenticated, service_role;
comment on schema private is 'Functions and tables of the product that are not part of any API';

-- Closed by default: a table or function is reachable only where a migration grants it.
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke execute on functions from anon, authenticated, service_role;

create extension if not exists pg_trgm with schema extensions; -- hosted projects may have it already
create extension if not exists unaccent with schema extensions;
create extension if not exists btree_gin with schema extensions; -- the team as first column of search indexes

-- Roles and permissions: the same rows as shared/permissions.ts; a test compares the two.
create table private.role_permissions (
  role text not null check (role in ('owner', 'admin', 'member', 'viewer')),
  permission text not null,
  primary key (permission, role)
);
comment on table private.role_permissions is 'Which role carries which permission; shared/permissions.ts holds the same list';

insert into private.role_permissions (permission, role)
select permission, unnest(roles)
from (values
  ('team.view', array['owner', 'admin', 'member', 'viewer']),
  ('team.leave', array['owner', 'admin', 'member', 'viewer']),
  ('team.update', array['owner', 'admin']),
  ('team.delete', array['owner']),
  ('members.view_emails', array['owner', 'admin', 'member']),
  ('members.manage', array['owner', 'admin']),
  ('members.manage_owners', array['owner']),
  ('members.invite', array['owner', 'admin']),
  ('tickets.view', array['owner', 'admin', 'member', 'viewer']),
  ('tickets.create', array['owner', 'admin', 'member']),
  ('tickets.update', array['owner', 'admin', 'member']),
  ('tickets.delete', array['owner', 'admin']),
  ('tickets.assign', array['owner', 'admin']),
  ('tickets.claim', array['owner', 'admin', 'member']),
  ('tickets.close', array['owner', 'admin']),
  ('replies.create', array['owner', 'admin', 'member', 'viewer']),
  ('replies.delete_any', array['owner', 'admin']),
  ('own.manage', array['owner', 'admin', 'member', 'viewer']),
  ('canned_responses.view', array['owner', 'admin', 'member']),
  ('canned_responses.manage', array['owner', 'admin']),
  ('routing.view', array['owner', 'admin', 'member', 'viewer']),
  ('routing.manage', array['owner', 'admin']),
  ('audit.view', array['owner', 'admin']),
  ('audit.export', array['owner', 'admin']),
  ('views.share', array['owner', 'admin']),
  ('tickets.export', array['owner', 'admin', 'member']),
  ('webhooks.manage', array['owner', 'admin']),
  ('api_keys.manage', array['owner', 'admin']),
  ('api_keys.own', array['owner', 'admin', 'member', 'viewer']),
  ('jobs.manage', array['owner', 'admin'])
) as list (permission, roles);

-- What a key of the API may do, of what the role of its member carries: the same rows as shared/permissions.ts, by a test.
create table private.scope_permissions (
  scope text not null check (scope in ('read', 'write', 'assign', 'export')),
  permission text not null,
  primary key (permission, scope)
);
comment on table private.scope_permissions is 'Which scope of an API key leaves which permission; shared/permissions.ts holds the same list';

insert into private.scope_permissions (permission, scope)
select permission, unnest(scopes)
from (values
  ('team.view', array['read', 'write', 'assign', 'export']),
  ('members.view_emails', array['read', 'write', 'assign', 'export']),
  ('tickets.view', array['read', 'write', 'assign', 'export']),
  ('canned_responses.view', array['read', 'write', 'assign', 'export']),
  ('routing.view', array['read', 'write', 'assign', 'export']),
  ('audit.view', array['read', 'write', 'assign', 'export']),
  ('tickets.create', array['write']),
  ('tickets.update', array['write']),
  ('tickets.claim', array['write']),
  ('tickets.close', array['write']),
  ('tickets.delete', array['write']),
  ('replies.create', array['write']),
  ('replies.delete_any', array['write']),
  ('own.manage', array['write']),
  ('canned_responses.manage', array['write']),
  ('routing.manage', array['write']),
  ('views.share', array['write']),
  ('tickets.assign', array['assign']),
  ('tickets.export', array['export']),
  ('audit.export', array['export'])
) as list (permission, scopes);

-- Keeps updated_at true, whoever writes.
create function private.tg__set_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end $$;
