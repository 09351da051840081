import { createHash } from 'node:crypto'
import { PostgresDialect, type PostgresCursor, type PostgresPoolClient, type PostgresQueryResult } from 'kysely'
import type { Pool, PoolClient } from 'pg'
import Cursor from 'pg-cursor'

/**
 * Kysely's dialect for pg, with prepared statements. Each statement with parameters gets a name made of its text, so Postgres parses
 * and plans it once per connection. Planning is most of the time of a short query under row-level security.
 */
export function preparedDialect(pool: Pool): PostgresDialect {
  // Kysely stores its own state of a connection by client object, so each pg client keeps its wrapper.
  const clients = new WeakMap<PoolClient, PreparedClient>()
  return new PostgresDialect({
    cursor: Cursor,
    pool: {
      options: pool.options,
      end: () => pool.end(),
      async connect() {
        const client = await pool.connect()
        const prepared = clients.get(client) ?? new PreparedClient(client)
        clients.set(client, prepared)
        return prepared
      }
    }
  })
}

class PreparedClient implements PostgresPoolClient {
  readonly #client: PoolClient

  constructor(client: PoolClient) {
    this.#client = client
  }

  query<R>(statement: string, parameters: readonly unknown[]): Promise<PostgresQueryResult<R>>
  query<R>(cursor: PostgresCursor<R>): PostgresCursor<R>
  query<R>(statement: string | PostgresCursor<R>, parameters: readonly unknown[] = []): unknown {
    if (typeof statement !== 'string') return this.#client.query(statement as Cursor<R>)
    if (parameters.length === 0) return this.#client.query(statement)
    return this.#client.query({ name: statementName(statement), text: statement, values: [...parameters] })
  }

  release(destroy?: boolean): void {
    this.#client.release(destroy)
  }
}

// A digest, because Postgres truncates names to 63 bytes.
function statementName(statement: string): string {
  return createHash('sha1').update(statement).digest('base64url')
}
