import { randomBytes, randomUUID } from 'node:crypto'
import type { TransactionSql } from 'postgres'
import { acme, adam, ann, bob, vera } from '../world.ts'
import { agents, everybody, managers, owners, signedIn } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const columns = ['id', 'team_id', 'user_id', 'name', 'prefix', 'scopes', 'created_by', 'last_used_at', 'created_at', 'expires_at']
const key = 'aaaaaaaa-0000-4000-8000-000000000911'
const digest = () => randomBytes(32)
const prefix = 'sk_abcdefgh'

const insertKey = (sql: TransactionSql, { id = key, user_id = bob.id } = {}) =>
  sql`insert into public.api_keys ${sql({ id, team_id: acme.id, user_id, name: 'n8n', prefix, key_hash: digest(), scopes: ['read'], created_by: ann.id })}`
const prepare = (sql: TransactionSql) => insertKey(sql)

function create(sql: TransactionSql, { user_id = null as string | null } = {}) {
  return sql`select private.create_api_key(${acme.id}, ${user_id}, 'n8n', ${['read']}, null, ${prefix}, ${digest()}, 'member') as id`
}
const rotate = (sql: TransactionSql) => sql`select private.rotate_api_key(${acme.id}, ${key}, ${prefix}, ${digest()})`

export const apiKeys: AuthorizationRow[] = [
  { does: 'lists the API keys that they may see', by: everybody, route: { request: 'GET /teams/[teamId]/api-keys', status: 200 } },
  {
    does: 'makes a key for a service agent',
    by: managers,
    route: {
      request: 'POST /teams/[teamId]/api-keys',
      status: 201,
      body: () => ({ name: 'n8n', scopes: ['read', 'write'], role: 'viewer' })
    },
    sql: { table: 'public.api_keys', calls: 'create_api_key', prepare, run: sql => create(sql) }
  },
  {
    does: 'makes a key that acts as Bob',
    by: managers,
    route: { request: 'POST /teams/[teamId]/api-keys', status: 201, body: () => ({ name: 'n8n', scopes: ['read'], user_id: bob.id }) },
    sql: { table: 'public.api_keys', calls: 'create_api_key', prepare, run: sql => create(sql, { user_id: bob.id }) }
  },
  {
    does: 'makes a key that acts as an owner',
    by: owners,
    route: { request: 'POST /teams/[teamId]/api-keys', status: 201, body: () => ({ name: 'n8n', scopes: ['read'], user_id: ann.id }) },
    sql: { table: 'public.api_keys', calls: 'create_api_key', prepare, run: sql => create(sql, { user_id: ann.id }) }
  },
  {
    does: 'makes a key that acts as an admin',
    by: ['an admin'],
    route: { request: 'POST /teams/[teamId]/api-keys', status: 201, body: () => ({ name: 'n8n', scopes: ['read'], user_id: adam.id }) },
    sql: { table: 'public.api_keys', calls: 'create_api_key', prepare, run: sql => create(sql, { user_id: adam.id }) }
  },
  {
    does: 'rotates a key that acts as Bob',
    by: managers,
    route: { request: 'POST /teams/[teamId]/api-keys/[keyId]/rotate', status: 200, parameters: team => ({ keyId: team.apiKey }) },
    sql: { table: 'public.api_keys', calls: 'rotate_api_key', prepare, run: rotate }
  },
  {
    does: 'revokes a key that acts as Bob',
    by: agents,
    route: {
      request: 'DELETE /teams/[teamId]/api-keys/[keyId]',
      status: 204,
      parameters: team => ({ keyId: team.apiKey }),
      refusals: { 'a viewer': 404 }
    },
    sql: { table: 'public.api_keys', prepare, run: sql => sql`delete from api_keys where id = ${key} returning id` }
  },
  {
    does: 'reads a key that acts as Bob',
    by: [...managers, 'a member'],
    sql: { table: 'public.api_keys', prepare, run: sql => sql`select ${sql(columns)} from api_keys where id = ${key}` }
  },
  {
    does: 'reads a key that acts as them',
    by: everybody,
    sql: {
      table: 'public.api_keys',
      prepare: sql => Promise.all([ann, adam, bob, vera].map(({ id }) => insertKey(sql, { id: randomUUID(), user_id: id }))),
      run: (sql, { id }) => sql`select id from api_keys where user_id = ${id} and team_id = ${acme.id}`
    }
  },
  { does: 'reads the digest of a key', by: [], sql: { table: 'public.api_keys', prepare, run: sql => sql`select key_hash from api_keys` } },
  {
    does: 'finds a key by its digest',
    by: [],
    sql: { table: 'public.api_keys', prepare, run: sql => sql`select id from api_keys where key_hash is not null` }
  },
  {
    does: 'revokes a key of an owner',
    by: managers,
    sql: {
      table: 'public.api_keys',
      prepare: sql => insertKey(sql, { user_id: ann.id }),
      run: sql => sql`delete from api_keys where id = ${key} returning id`
    }
  },
  {
    does: 'inserts a row into api_keys',
    by: [],
    sql: {
      table: 'public.api_keys',
      prepare,
      run: (sql, { id }) =>
        sql`
        insert into api_keys (team_id, user_id, name, prefix, key_hash, scopes)
        values (${acme.id}, ${id}, 'x', ${prefix}, ${digest()}, '{write}') returning id`
    }
  },
  {
    does: 'widens the scopes of a key',
    by: [],
    sql: { table: 'public.api_keys', prepare, run: sql => sql`update api_keys set scopes = '{write}' returning id` }
  },
  {
    does: 'removes the expiry of a key',
    by: [],
    sql: { table: 'public.api_keys', prepare, run: sql => sql`update api_keys set expires_at = null returning id` }
  },
  {
    does: 'creates a key that acts as Vera',
    by: managers,
    sql: { table: 'public.api_keys', calls: 'create_api_key', prepare, run: sql => create(sql, { user_id: vera.id }) }
  },
  {
    does: 'rotates a key that acts as Ann, an owner',
    by: ['an owner'],
    sql: { table: 'public.api_keys', calls: 'rotate_api_key', prepare: sql => insertKey(sql, { user_id: ann.id }), run: rotate }
  },
  {
    does: 'rotates a key that acts as Adam, an admin',
    by: ['an admin'],
    sql: { table: 'public.api_keys', calls: 'rotate_api_key', prepare: sql => insertKey(sql, { user_id: adam.id }), run: rotate }
  },
  {
    does: 'finds the holder of a key by its digest',
    by: ['somebody who is not signed in'],
    sql: {
      table: 'public.api_keys',
      calls: 'use_api_key',
      prepare: sql =>
        sql`insert into public.api_keys ${sql({ team_id: acme.id, user_id: bob.id, name: 'n8n', prefix, key_hash: Buffer.alloc(32, 5), scopes: ['read'], created_by: ann.id })}`,
      run: sql => sql`select * from private.use_api_key(${Buffer.alloc(32, 5)})`
    }
  },
  {
    does: 'acts without an API key',
    by: signedIn,
    sql: {
      calls: ['is_api_key', 'acting_api_key_id'],
      run: sql => sql`select 1 where not private.is_api_key() and private.acting_api_key_id() is null`
    }
  }
]
