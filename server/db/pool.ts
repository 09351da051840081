import { Kysely, PostgresDialect } from 'kysely'
import { Pool, types } from 'pg'
import Cursor from 'pg-cursor'
import { preparedDialect } from './dialect'
import type { Database } from './types'

// "2026-11-20 10:00:00.123456+00" → "2026-11-20T10:00:00.123456Z": a Date would lose the microseconds that keyset cursors compare.
const instant = (value: string) => value.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z')

const settings = { url: '', connections: 10 }
let pool: { kysely: Kysely<Database>; close: () => Promise<void> } | undefined

/** Names the database of this process, and how many connections it may open at once. Call it before the first query. */
export function configureDatabase(url: string, connections = 10): void {
  Object.assign(settings, { url, connections })
}

/** The one pool of this process, opened on first use. Private to server/db. Throws where no database is configured. */
export function database(): Kysely<Database> {
  return (pool ??= open()).kysely
}

/** Closes the pool; the next query opens another, of the database that is configured by then. */
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
        oid === types.builtins.TIMESTAMPTZ ? instant : types.getTypeParser(oid, format)
    }
  })
  // The pool drops a connection that dies, and its query fails. An `error` event without a listener would end the process.
  const ignore = () => {}
  opened.on('error', ignore)
  opened.on('connect', client => client.on('error', ignore))
  // A transaction pooler (Supavisor on port 6543) gives another connection each time: named statements would be lost.
  const isPooler = new URL(url).port === '6543'
  const dialect = isPooler ? new PostgresDialect({ pool: opened, cursor: Cursor }) : preparedDialect(opened)
  return { kysely: new Kysely<Database>({ dialect }), close: () => opened.end() }
}
