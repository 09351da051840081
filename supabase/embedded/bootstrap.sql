-- The state of a hosted Supabase database before the first migration. Applied as supabase_admin on every start, so every
-- statement is idempotent. bootstrap.ts sets the passwords. The API roles (anon, authenticated, service_role) get no
-- privileges in schema public here: migrations grant them explicitly.

-- Roles -------------------------------------------------------------------------------------------------------

do $$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('anon', 'nologin inherit'),
      ('authenticated', 'nologin inherit'),
      ('service_role', 'nologin inherit bypassrls'),
      ('authenticator', 'login noinherit'),
      ('supabase_auth_admin', 'login noinherit'),
      ('supabase_storage_admin', 'nologin noinherit'),
      ('supabase_realtime_admin', 'nologin noinherit'),
      ('dashboard_user', 'nologin noinherit'),
      ('postgres', 'login inherit createrole createdb bypassrls replication')
    ) as roles (name, attributes)
  loop
    if not exists (select from pg_roles where rolname = wanted.name) then
      execute format('create role %I', wanted.name);
    end if;
    execute format('alter role %I nosuperuser %s', wanted.name, wanted.attributes);
  end loop;
end $$;

-- authenticator (PostgREST's login role) and supabase_auth_admin can switch to the API roles but do not inherit their rights.
grant anon, authenticated, service_role to authenticator with inherit false, set true;
grant anon, authenticated, service_role to supabase_auth_admin with inherit false, set true;
grant anon, authenticated, service_role to postgres with admin option;
-- Hosted allows postgres to configure PostgREST through supautils (supautils.privileged_role_allowed_configs), which is not here.
grant authenticator to postgres with admin option;
grant set on parameter "pgrst.db_pre_request" to postgres;
grant pg_monitor, pg_read_all_data, pg_signal_backend, pg_create_subscription to postgres;
-- On hosted, supautils allows postgres to create policies on these services' tables. Here membership in the owning roles does.
grant supabase_storage_admin, supabase_realtime_admin to postgres;
-- One process serves both auth and storage with one login role.
grant supabase_storage_admin to supabase_auth_admin with inherit true, set true;

alter role supabase_admin set search_path to "$user", public, auth, extensions;
alter role postgres set search_path to "$user", public, extensions;
alter role authenticator set search_path to "$user", public, extensions;
alter role authenticated set search_path to "$user", public, extensions;
alter role anon set search_path to "$user", public, extensions;
alter role service_role set search_path to "$user", public, extensions;
alter role supabase_auth_admin set search_path to auth;
alter role supabase_storage_admin set search_path to storage;
alter database postgres set search_path to "$user", public, extensions;

alter role anon set statement_timeout to '3s';
alter role authenticated set statement_timeout to '8s';
alter role authenticator set statement_timeout to '8s';
alter role authenticator set lock_timeout to '8s';

-- Database and schemas ----------------------------------------------------------------------------------------

alter database postgres owner to postgres;
grant create on database postgres to supabase_auth_admin, supabase_storage_admin; -- their schema files start with create schema if not exists
grant usage on schema public to anon, authenticated, service_role;

create schema if not exists extensions;
alter schema extensions owner to postgres;
grant usage on schema extensions to anon, authenticated, service_role, authenticator, supabase_auth_admin, supabase_storage_admin;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists "uuid-ossp" with schema extensions;
create extension if not exists pg_stat_statements with schema extensions;

create schema if not exists auth authorization supabase_admin;
grant all on schema auth to supabase_auth_admin;
grant usage on schema auth to postgres, anon, authenticated, service_role;

create schema if not exists storage authorization supabase_admin;
grant all on schema storage to supabase_storage_admin with grant option;
grant usage on schema storage to postgres, supabase_auth_admin, anon, authenticated, service_role;

create schema if not exists realtime authorization supabase_admin;
grant all on schema realtime to supabase_realtime_admin;
grant usage on schema realtime to postgres, anon, authenticated, service_role;

-- Functions that read the caller's claims, as hosted defines them: from a setting for each claim, else from the JSON setting --

create or replace function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
  )::uuid
$$;

create or replace function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
  )::text
$$;

create or replace function auth.email() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
  )::text
$$;

create or replace function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

-- Publication for postgres_changes. Migrations add their tables to it -------------------------------------------

do $$
begin
  if not exists (select from pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
  end if;
end $$;
alter publication supabase_realtime owner to postgres;
