import { Kysely } from 'kysely'
import { PostgresJSDialect } from 'kysely-postgres-js'
import postgres from 'postgres'
import type { Database } from './types'

// "2026-11-20 10:00:00.123456+00" → "2026-11-20T10:00:00.123456Z": a Date would lose the microseconds that keyset cursors compare.
const instant = { to: 1184, from: [1184], serialize: (value: unknown) => value instanceof Date ? value.toISOString() : String(value), parse: (value: string) => value.replace(' ', 'T').replace(/\+00(:00)?$/, 'Z') }

let databaseUrl = ''
let pool: { kysely: Kysely<Database>, close: () => Promise<void> } | undefined

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
export function open(url: string, max = 10): { kysely: Kysely<Database>, close: () => Promise<void> } {
  if (!url) throw new Error('DATABASE_URL is not set')
  const sql = postgres(url, {
    max,
    idle_timeout: 60,
    connect_timeout: 10,
    // A transaction pooler (Supavisor on port 6543) gives another connection each time: named statements would be lost.
    prepare: new URL(url).port !== '6543',
    onnotice: () => {},
    types: { instant },
    connection: { application_name: 'switchboard', TimeZone: 'UTC' }
  })
  const kysely = new Kysely<Database>({ dialect: new PostgresJSDialect({ postgres: sql }) })
  return { kysely, close: () => sql.end({ timeout: 5 }) }
}
