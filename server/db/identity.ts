import { sql, type Kysely, type RawBuilder } from 'kysely'
import { database } from './pool'
import type { Database, Db } from './types'

/** The way by which a change comes: events carry it. */
export type Channel = 'ui' | 'api' | 'job' | 'import' | 'portal'

/** What policies may know of a caller: the claims of a verified access token, or of the API key that acts for them. */
export interface Claims {
  sub: string
  email?: string
  /** Unless it is still there, the transaction is refused. */ session_id?: string
  api_key?: { id: string; team_id: string; scopes: string[] }
}

// Seconds. After `set role` the settings of Supabase's roles do not apply: they are said again for each transaction. A
// transaction that waits for us and not for Postgres is ended, so that its connection comes back.
const timeouts = {
  person: { statement: 8, lock: 6, idle: 30 },
  export: { statement: 60, lock: 6, idle: 30 },
  service: { statement: 300, lock: 30, idle: 120 }
}

interface SessionOptions {
  /** How the caller came; from a person's browser unless told. */
  channel?: Channel
  /** Postgres refuses every write, whoever the policies would let. */
  isReadOnly?: boolean
  /** Every statement reads what was there at the first one. */
  hasOneSnapshot?: boolean
  takes?: Takes
  /** The one team that the work is about: policies look for no other, so that its cost does not grow with the caller's teams. */
  teamId?: string
}

/** How long a statement may take: 8 seconds for people and keys, 60 for what is read into a file or out of one, 300 for jobs. */
export type Takes = keyof typeof timeouts

/**
 * Runs `work` in one transaction under the caller's identity, as Supabase's Data API would: role `authenticated` and
 * the claims, both local to the transaction. Whatever `work` throws rolls everything back. Refuses with PT401
 * `session_ended` where the claims name a session that was revoked or whose account is banned: the same statement looks
 * it up, so that it costs no round trip.
 */
export function asUser<T>(
  claims: Claims,
  work: (db: Db) => Promise<T>,
  on: Kysely<Database> = database(),
  way: SessionOptions = {}
): Promise<T> {
  return runAs(on, 'authenticated', { ...claims, role: 'authenticated' }, way, work, claims)
}

/** Runs `work` for somebody who is not signed in: role `anon`, who may call next to nothing. */
export function asAnonymous<T>(work: (db: Db) => Promise<T>): Promise<T> {
  return runAs(database(), 'anon', { role: 'anon' }, {}, work)
}

/** Runs `work` past row-level security. For health checks, jobs and bootstrapping; `reason` appears in pg_stat_activity. */
export function asService<T>(reason: string, work: (db: Db) => Promise<T>, on: Kysely<Database> = database()): Promise<T> {
  return on.transaction().execute(async db => {
    await sql`select set_config('application_name', ${`switchboard: ${reason}`}, true), set_config('switchboard.channel', 'job', true), set_config('TimeZone', 'UTC', true), ${limited('service')}`.execute(
      db
    )
    return work(db)
  })
}

function runAs<T>(
  on: Kysely<Database>,
  role: string,
  claims: object,
  { channel = 'ui', isReadOnly = false, hasOneSnapshot = false, takes = 'person', teamId }: SessionOptions,
  work: (db: Db) => Promise<T>,
  session?: Claims
): Promise<T> {
  const transaction = hasOneSnapshot ? on.transaction().setIsolationLevel('repeatable read') : on.transaction()
  return transaction.execute(async db => {
    await sql`
      select case when ${session?.session_id ?? null}::uuid is not null then private.require_live_session(${session?.session_id ?? null}, ${session?.sub ?? null}) end,
        set_config('switchboard.live_session', ${session?.session_id ?? ''}, true), set_config('role', ${role}, true), set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
        set_config('switchboard.channel', ${channel}, true), set_config('switchboard.team_id', ${teamId ?? ''}, true), set_config('TimeZone', 'UTC', true),
        set_config('transaction_read_only', case when ${isReadOnly}::boolean then 'on' else current_setting('transaction_read_only') end, true),
        ${limited(takes)}`.execute(db)
    return work(db)
  })
}

function limited(kind: keyof typeof timeouts): RawBuilder<unknown> {
  const { statement, lock, idle } = timeouts[kind]
  return sql`set_config('statement_timeout', ${`${statement}s`}, true), set_config('lock_timeout', ${`${lock}s`}, true), set_config('idle_in_transaction_session_timeout', ${`${idle}s`}, true)`
}
