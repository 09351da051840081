import { sql, type RawBuilder } from 'kysely'
import { database } from './pool'
import type { Db } from './types'

/** Where a change comes from. Events record it. */
export type Channel = 'ui' | 'api' | 'job' | 'import' | 'portal'

/** The caller as policies see it: the claims of a verified access token, or of an API key. */
export interface Claims {
  sub: string
  email?: string
  /** The transaction is refused when this session has ended. */
  session_id?: string
  api_key?: { id: string; team_id: string; scopes: string[] }
}

// Seconds. `set role` does not apply the settings of Supabase's roles, so every transaction sets them. `idle` ends a transaction whose
// client sends nothing, so that its connection returns to the pool.
const timeouts = {
  person: { statement: 8, lock: 6, idle: 30 },
  export: { statement: 60, lock: 6, idle: 30 },
  service: { statement: 300, lock: 30, idle: 120 }
}

interface SessionOptions {
  channel?: Channel
  /** Postgres refuses every write, even those that policies allow. */
  isReadOnly?: boolean
  /** All statements read the snapshot of the first. */
  hasOneSnapshot?: boolean
  timeout?: TimeoutKind
  /** Policies then look at this team only, so that the cost does not grow with the number of the caller's teams. */
  teamId?: string
}

/** How long a statement may take: 8 seconds for people and keys, 60 for exports and imports, 300 for jobs. */
export type TimeoutKind = keyof typeof timeouts

/**
 * Runs `work` in one transaction under the caller's identity, as Supabase's Data API would: role `authenticated` and
 * the claims, both local to the transaction. Rolls back when `work` throws. Throws PT401 `session_ended` when the session
 * was revoked or its account is banned. The statement that sets the claims checks this, so it costs no round trip.
 */
export function asUser<T>(claims: Claims, work: (db: Db) => Promise<T>, options: SessionOptions = {}): Promise<T> {
  return runAs('authenticated', { ...claims, role: 'authenticated' }, options, work, claims)
}

export function asAnonymous<T>(work: (db: Db) => Promise<T>): Promise<T> {
  return runAs('anon', { role: 'anon' }, {}, work)
}

/**
 * Runs `work` as whoever opened the link to one ticket. `sessionHash` is the hex SHA-256 of the secret in their cookie: the functions of
 * the schema portal look it up, and nothing else reads it.
 */
export function asTicketSession<T>(sessionHash: string, work: (db: Db) => Promise<T>): Promise<T> {
  return runAs('anon', { role: 'anon', ticket_session: sessionHash }, { channel: 'portal' }, work)
}

/** Bypasses row-level security: for health checks, jobs and bootstrapping. `reason` appears in pg_stat_activity. */
export function asService<T>(reason: string, work: (db: Db) => Promise<T>): Promise<T> {
  return database()
    .transaction()
    .execute(async db => {
      await sql`select set_config('application_name', ${`switchboard: ${reason}`}, true), set_config('switchboard.channel', 'job', true), set_config('TimeZone', 'UTC', true), ${setTimeouts('service')}`.execute(
        db
      )
      return work(db)
    })
}

function runAs<T>(
  role: string,
  claims: object,
  { channel = 'ui', isReadOnly = false, hasOneSnapshot = false, timeout = 'person', teamId }: SessionOptions,
  work: (db: Db) => Promise<T>,
  session?: Claims
): Promise<T> {
  const transaction = hasOneSnapshot ? database().transaction().setIsolationLevel('repeatable read') : database().transaction()
  return transaction.execute(async db => {
    await sql`
      select case when ${session?.session_id ?? null}::uuid is not null then private.require_live_session(${session?.session_id ?? null}, ${session?.sub ?? null}) end,
        set_config('switchboard.live_session', ${session?.session_id ?? ''}, true), set_config('role', ${role}, true), set_config('request.jwt.claims', ${JSON.stringify(claims)}, true),
        set_config('switchboard.channel', ${channel}, true), set_config('switchboard.team_id', ${teamId ?? ''}, true), set_config('TimeZone', 'UTC', true),
        set_config('transaction_read_only', case when ${isReadOnly}::boolean then 'on' else current_setting('transaction_read_only') end, true),
        ${setTimeouts(timeout)}`.execute(db)
    return work(db)
  })
}

function setTimeouts(kind: TimeoutKind): RawBuilder<unknown> {
  const { statement, lock, idle } = timeouts[kind]
  return sql`set_config('statement_timeout', ${`${statement}s`}, true), set_config('lock_timeout', ${`${lock}s`}, true), set_config('idle_in_transaction_session_timeout', ${`${idle}s`}, true)`
}
