import { sql } from 'kysely'
import type { Role, Scope } from '#shared/permissions'
import type { ApiKeyCreate } from '#shared/schemas/api-key'
import type { PageQuery } from '#shared/schemas/page'
import type { ApiKey, IssuedApiKey } from '#shared/types/api'
import type { Db } from '../db/types'
import { listOf, type List } from './page'
import { deleteOrRefuse, notFound } from './refusal'
import { digest, newSecret } from './secret'

/** Who acts by a key, and what is left of its rate. */
export interface KeyUse {
  id: string
  team_id: string
  user_id: string
  kind: 'person' | 'service'
  role: Role
  scopes: Scope[]
  /** Requests that may come at once. */
  remaining: number
  /** Seconds until `remaining` is whole again. */
  reset: number
  /** Seconds until there is a request left; null where this one was within the rate. */
  wait: number | null
}

/** The keys of the team for its managers, for others those that act as them; the newest first. */
export async function listApiKeys(db: Db, teamId: string, query: PageQuery): Promise<List<ApiKey>> {
  return (await listOf(db, apiKeys(db, teamId).orderBy('key.created_at', 'desc').orderBy('key.id'), query)) as List<ApiKey>
}

/**
 * A key for a member, or for a new service agent. The key itself is in this answer and nowhere else: the database keeps
 * its SHA-256. Throws 403 for a key that would act as another manager and for a sign-in older than 15 minutes, 422 for more
 * than a hundred and for scopes that cannot work for the holder.
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

/** Another secret for the key; the old one is unknown at once. Throws as `createApiKey`, 404, and 422 for a key that has expired. */
export async function rotateApiKey(db: Db, teamId: string, keyId: string): Promise<IssuedApiKey> {
  const { key, prefix, hash } = newKey()
  await sql`select private.rotate_api_key(${teamId}, ${keyId}, ${prefix}, ${hash})`.execute(db)
  return { ...(await getApiKey(db, teamId, keyId)), key }
}

/** Ends the key at once. A service agent stays a member. */
export async function revokeApiKey(db: Db, teamId: string, keyId: string): Promise<void> {
  await deleteOrRefuse(db.deleteFrom('api_keys').where('team_id', '=', teamId).where('id', '=', keyId))
}

/** Spends one request of the key; undefined for one that is unknown, revoked or expired. The key itself is the permission. */
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
