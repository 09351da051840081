import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { getAuthSchemaSql, getStorageSchemaSql } from '@supabase/lite'
import postgres from 'postgres'
import { loginRoles, type Secrets } from './secrets.ts'

// Columns and tables that exist on hosted but are missing from the schema of `@supabase/lite`.
const authExtras = `
  alter table auth.users add column if not exists instance_id uuid;
  alter table auth.users add column if not exists is_super_admin boolean;
  create table if not exists auth.mfa_amr_claims (
    id uuid primary key,
    session_id uuid not null references auth.sessions (id) on delete cascade,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    authentication_method text not null,
    constraint mfa_amr_claims_session_id_authentication_method_pkey unique (session_id, authentication_method)
  );
`

const authGrants = `
  grant all on all tables in schema auth to postgres, dashboard_user;
  grant all on all sequences in schema auth to postgres, dashboard_user;
`

// Hosted grants anon and authenticated all privileges on buckets and objects (0046-buckets-objects-grants.sql). Here they get no
// TRUNCATE, which ignores policies, and no REFERENCES or TRIGGER: no API uses them. Only the storage server uses the other tables.
const storageGrants = `
  grant all on all tables in schema storage to postgres, service_role;
  revoke all on all tables in schema storage from anon, authenticated;
  grant select, insert, update, delete on storage.buckets, storage.objects to anon, authenticated;
  grant all on all functions in schema storage to postgres, anon, authenticated, service_role;
`

// As storage-api since 2026: only the storage server, which sets the parameter, deletes rows, because it deletes their files as well.
const storageProtection = `
  create or replace function storage.protect_delete() returns trigger language plpgsql as $$
  begin
    if coalesce(current_setting('storage.allow_delete_query', true), 'false') <> 'true' then
      raise exception 'Direct deletion from storage tables is not allowed. Use the Storage API instead.'
        using hint = 'This prevents accidental data loss from orphaned objects.', errcode = '42501';
    end if;
    return null;
  end $$;
  create or replace trigger protect_objects_delete before delete on storage.objects
    for each statement execute function storage.protect_delete();
  create or replace trigger protect_buckets_delete before delete on storage.buckets
    for each statement execute function storage.protect_delete();
`

/**
 * Brings the database into the state of a hosted Supabase database before the first migration: roles and passwords,
 * schemas, extensions, claims functions, and the tables of auth, storage and realtime. Idempotent, in one transaction.
 */
export async function bootstrap(adminUrl: string, secrets: Secrets): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {}, connection: { application_name: 'bootstrap' } })
  try {
    const statements = await readFile(new URL('./bootstrap.sql', import.meta.url), 'utf8')
    const realtime = await readOptional(new URL('./realtime/schema.sql', import.meta.url))
    await sql.begin(async transaction => {
      await transaction.unsafe('set local search_path to public').simple()
      await transaction.unsafe(statements).simple()
      for (const role of loginRoles) {
        await transaction.unsafe(`alter role ${role} password '${secrets.passwords[role]}'`).simple()
      }
      await transaction
        .unsafe(`set local role supabase_auth_admin; ${getAuthSchemaSql()}; ${authExtras}; ${authGrants}; reset role`)
        .simple()
      await transaction
        .unsafe(`set local role supabase_storage_admin; ${getStorageSchemaSql()}; ${storageGrants}; ${storageProtection}; reset role`)
        .simple()
      if (realtime) await transaction.unsafe(realtime).simple()
    })
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function readOptional(url: URL): Promise<string | null> {
  return readFile(fileURLToPath(url), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}
