import { createHash } from 'node:crypto'
import { Kysely, PostgresDialect } from 'kysely'
import { Pool, types, type PoolClient } from 'pg'
import Cursor from 'pg-cursor'
import type { Database } from './types'

// "2026-11-20 10:00:00.123456+00" → "2026-11-20T10:00:00.123456Z": a Date would lose the microseconds that keyset cursors compare.
const instant = (value: string) => value.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z')

let databaseUrl = ''
let pool: { kysely: Kysely<Database>; close: () => Promise<void> } | undefined

/** Names the database of this process, before anything asks it. */
export function configureDatabase(url: string): void {
  databaseUrl = url
}

/** The one pool of this process, opened on first use. Private to server/db. */
export function database(): Kysely<Database> {
  return (pool ??= open(databaseUrl)).kysely
}

export async function closePool(): Promise<void> {
  const closing = pool
  pool = undefined
  await closing?.close()
}

/** Opens a pool on any URL: for commands that run outside of the server. */
export function open(url: string, max = 10): { kysely: Kysely<Database>; close: () => Promise<void> } {
  if (!url) throw new Error('DATABASE_URL is not set')
  const connections = new Pool({
    connectionString: url,
    max,
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: 10_000,
    application_name: 'switchboard',
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === types.builtins.TIMESTAMPTZ ? instant : types.getTypeParser(oid, format)
    }
  })
  // A connection that dies leaves the pool by itself, and whoever used it is told. Unheard, these events would end the process.
  const unused = () => {}
  connections.on('error', unused)
  // A transaction pooler (Supavisor on port 6543) gives another connection each time: named statements would be lost.
  const isPooler = new URL(url).port === '6543'
  connections.on('connect', client => {
    client.on('error', unused)
    if (!isPooler) prepareStatements(client)
  })
  const kysely = new Kysely<Database>({ dialect: new PostgresDialect({ pool: connections, cursor: Cursor }) })
  return { kysely, close: () => connections.end() }
}

// Statements get a name by their text, so that Postgres parses and plans each once for a connection: that is most of the
// time of a short query under row-level security.
function prepareStatements(client: PoolClient): void {
  const query = client.query.bind(client) as (statement: unknown, values?: unknown[]) => unknown
  const prepared = (statement: unknown, values?: unknown[]) =>
    typeof statement === 'string' && values?.length
      ? query({ name: createHash('sha1').update(statement).digest('base64url'), text: statement, values })
      : query(statement, values)
  client.query = prepared as typeof client.query
}
