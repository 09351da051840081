import { sql } from 'kysely'
import type { Role, Scope } from '#shared/permissions'
import type { ApiKeyCreate } from '#shared/schemas/api-key'
import type { PageQuery } from '#shared/schemas/page'
import type { ApiKey, IssuedApiKey } from '#shared/types/api'
import type { Db } from '../db/types'
import { listOf, type List } from './page'
import { deleteOrRefuse, notFound } from './refusal'
import { digest, newSecret } from './secret'

export interface KeyUse {
  id: string
  team_id: string
  user_id: string
  kind: 'person' | 'service'
  role: Role
  scopes: Scope[]
  /** Requests that may come at once now. */
  remaining: number
  /** Seconds until `remaining` is full again. */
  reset: number
  /** Seconds until the next request is allowed; null when this one was allowed. */
  wait: number | null
}

/** Managers see all keys of the team, others the keys that act as them; the newest first. */
export async function listApiKeys(db: Db, teamId: string, query: PageQuery): Promise<List<ApiKey>> {
  return (await listOf(db, apiKeys(db, teamId).orderBy('key.created_at', 'desc').orderBy('key.id'), query)) as List<ApiKey>
}

/**
 * Creates a key for a member, or for a new service agent. Only this answer holds the key itself: the database stores its SHA-256. Throws
 * 403 for a key that would act as another manager and for a sign-in older than 15 minutes, 422 for more than 100 keys and for scopes
 * that the holder's role cannot use.
 */
export async function createApiKey(
  db: Db,
  teamId: string,
  { name, scopes, user_id, role, expires_at }: ApiKeyCreate
): Promise<IssuedApiKey> {
  const { key, prefix, hash } = newKey()
  const { rows } = await sql<{ id: string }>`
    select private.create_api_key(${teamId}, ${user_id ?? null}, ${name}, ${scopes}::text[], ${expires_at}::timestamptz, ${prefix}, ${hash}, ${role ?? 'member'}) as id`.execute(
    db
  )
  return { ...(await getApiKey(db, teamId, rows[0]!.id)), key }
}

/** Replaces the secret of the key at once. Throws like `createApiKey`, and 404, and 422 for an expired key. */
export async function rotateApiKey(db: Db, teamId: string, keyId: string): Promise<IssuedApiKey> {
  const { key, prefix, hash } = newKey()
  await sql`select private.rotate_api_key(${teamId}, ${keyId}, ${prefix}, ${hash})`.execute(db)
  return { ...(await getApiKey(db, teamId, keyId)), key }
}

/** A service agent stays a member. */
export async function revokeApiKey(db: Db, teamId: string, keyId: string): Promise<void> {
  await deleteOrRefuse(db.deleteFrom('api_keys').where('team_id', '=', teamId).where('id', '=', keyId))
}

/** Spends one request of the key's rate. Undefined for an unknown, revoked or expired key. Needs no identity: the key proves itself. */
export async function useApiKey(db: Db, key: string): Promise<KeyUse | undefined> {
  const {
    rows: [use]
  } =
    await sql<KeyUse>`select id, team_id, user_id, kind, role, scopes, remaining, reset, wait from private.use_api_key(${digest(key)})`.execute(
      db
    )
  return use
}

async function getApiKey(db: Db, teamId: string, keyId: string): Promise<ApiKey> {
  const row = await apiKeys(db, teamId).where('key.id', '=', keyId).executeTakeFirst()
  if (!row) throw notFound()
  return row as ApiKey
}

function apiKeys(db: Db, teamId: string) {
  return db
    .selectFrom('api_keys as key')
    .innerJoin('team_members as member', join =>
      join.onRef('member.team_id', '=', 'key.team_id').onRef('member.user_id', '=', 'key.user_id')
    )
    .innerJoin('profiles as person', 'person.id', 'key.user_id')
    .leftJoin('profiles as creator', 'creator.id', 'key.created_by')
    .select([
      'key.id',
      'key.name',
      'key.prefix',
      'key.scopes',
      'creator.full_name as created_by',
      'key.last_used_at',
      'key.created_at',
      'key.expires_at'
    ])
    .select(
      sql<
        ApiKey['member']
      >`jsonb_build_object('id', person.id, 'full_name', person.full_name, 'avatar_url', person.avatar_url, 'kind', person.kind, 'role', member.role)`.as(
        'member'
      )
    )
    .where('key.team_id', '=', teamId)
}

function newKey(): { key: string; prefix: string; hash: Buffer } {
  const key = `sk_${newSecret()}`
  return { key, prefix: key.slice(0, 11), hash: digest(key) }
}
