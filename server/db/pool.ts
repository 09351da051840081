import { Kysely, PostgresDialect } from 'kysely'
import { Pool, types } from 'pg'
import Cursor from 'pg-cursor'
import { preparedDialect } from './dialect'
import type { Database } from './types'

// "2026-11-20 10:00:00.123456+00" → "2026-11-20T10:00:00.123456Z": a Date would lose the microseconds that keyset cursors compare.
const asIsoTime = (value: string) => value.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z')

const settings = { url: '', connections: 10 }
let pool: { kysely: Kysely<Database>; close: () => Promise<void> } | undefined

/** Sets the database of this process and its maximum number of connections. Call it before the first query. */
export function configureDatabase(url: string, connections = 10): void {
  Object.assign(settings, { url, connections })
}

/** The pool of this process, opened on first use. Private to server/db. Throws when no database is configured. */
export function database(): Kysely<Database> {
  return (pool ??= open()).kysely
}

/** Closes the pool. The next query opens a new one with the current configuration. */
export async function closePool(): Promise<void> {
  const closing = pool
  pool = undefined
  await closing?.close()
}

function open(): { kysely: Kysely<Database>; close: () => Promise<void> } {
  const { url, connections } = settings
  if (!url) throw new Error('DATABASE_URL is not set')
  const opened = new Pool({
    connectionString: url,
    max: connections,
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: 10_000,
    application_name: 'switchboard',
    types: {
      getTypeParser: (oid: number, format?: 'text' | 'binary') =>
        oid === types.builtins.TIMESTAMPTZ ? asIsoTime : types.getTypeParser(oid, format)
    }
  })
  // The pool drops a connection that dies, and its query fails. An `error` event without a listener would end the process.
  const ignore = () => {}
  opened.on('error', ignore)
  opened.on('connect', client => client.on('error', ignore))
  // A transaction pooler (Supavisor on port 6543) may run each transaction on another connection, which lacks the named statements.
  const isPooler = new URL(url).port === '6543'
  const dialect = isPooler ? new PostgresDialect({ pool: opened, cursor: Cursor }) : preparedDialect(opened)
  return { kysely: new Kysely<Database>({ dialect }), close: () => opened.end() }
}
