import { anybody, signedIn } from './principals.ts'
import type { AuthorizationRow } from './row.ts'

const hash = Buffer.alloc(32, 3)

/** Functions that the server calls with every request. */
export const requests: AuthorizationRow[] = [
  {
    does: 'has their session checked',
    by: signedIn,
    sql: {
      calls: ['has_live_session', 'claimed_session_id'],
      run: sql => sql`select 1 where private.has_live_session() and private.claimed_session_id() is not null`
    }
  },
  {
    does: 'has their recent sign-in checked',
    by: signedIn,
    sql: {
      calls: ['has_recent_sign_in', 'require_recent_sign_in'],
      run: sql => sql`select private.require_recent_sign_in() where private.has_recent_sign_in()`
    }
  },
  {
    does: 'has a request to the Data API checked',
    by: anybody,
    key: 'read',
    sql: { calls: 'check_data_api_request', run: sql => sql`select private.check_data_api_request()` }
  },
  {
    does: 'takes an idempotency key and stores a result',
    by: anybody,
    key: 'read',
    sql: {
      calls: ['take_idempotency_key', 'store_idempotent_result'],
      run: async sql => {
        await sql`select * from private.take_idempotency_key(${hash}, ${hash})`
        return sql`select private.store_idempotent_result(${hash}, 'x')`
      }
    }
  },
  {
    does: 'reads idempotency keys',
    by: [],
    client: 'refused',
    session: 'refused',
    sql: {
      table: 'private.idempotency_keys',
      prepare: sql => sql`insert into private.idempotency_keys (user_id, hash, request_hash) values (gen_random_uuid(), ${hash}, ${hash})`,
      run: sql => sql`select * from private.idempotency_keys`
    }
  }
]
