import postgres, { type Sql, type TransactionSql } from 'postgres'
import { inject } from 'vitest'
import type { Scope } from '#shared/permissions'
import { sessionIdOf, type Person } from './world.ts'

/** An unauthenticated caller, with the publishable key only. */
export const anonymous = 'anonymous'

/** The role of migrations, which row-level security does not restrict. */
export const service = 'service'

/** A person, or an API key that acts as the person. */
type Account = Pick<Person, 'id' | 'email'> & { key?: { id: string; team_id: string; scopes: readonly Scope[] } }

/** Whoever holds the cookie with this SHA-256: a contact who opened the link to one ticket. */
export interface TicketSession {
  ticketSession: Buffer
}

export type Caller = Account | TicketSession | typeof anonymous | typeof service

export interface Session {
  sql: TransactionSql
  /** Runs all following statements as this caller, with the role and claims that Supabase's Data API sets. */
  become: (caller: Caller) => Promise<void>
  /** Runs `work` as another caller, then restores the current one. */
  as: <T>(caller: Caller, work: (sql: TransactionSql) => Promise<T>) => Promise<T>
  /** The error of statements that must fail; they run in a savepoint that is rolled back. Throws when they succeed. */
  refusal: (work: (sql: TransactionSql) => Promise<unknown>) => Promise<Refusal>
}

export interface Refusal {
  code: string
  message: string
  detail?: string
}

class RolledBack extends Error {}

let pool: Sql | undefined

/** The database of this worker: test files that run in parallel use different ones. */
export function databaseUrl(): string {
  return inject('databaseUrls')[Number(process.env.VITEST_POOL_ID) - 1]!
}

/** Connections with the role of migrations, for statements that must be committed. */
export function database(): Sql {
  return (pool ??= postgres(databaseUrl(), { max: 4, onnotice: () => {} }))
}

/** Closes the connections of a test file. */
export async function endFile(): Promise<void> {
  await pool?.end({ timeout: 2 })
  pool = undefined
}

/** Runs `work` in a transaction as `caller`, like a browser that calls Supabase with its own token, and rolls it back. */
export async function session<T>(caller: Caller, work: (session: Session) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined
  try {
    await database().begin(async sql => {
      let current = caller
      const become = async (next: Caller) => {
        current = next
        await impersonate(sql, next)
      }
      await become(caller)
      const value = await work({
        sql,
        become,
        as: async (other, work) => {
          const before = current
          await become(other)
          const value = await work(sql)
          await become(before)
          return value
        },
        refusal: work => refusal(sql, work)
      })
      result = { value }
      throw new RolledBack()
    })
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error
  }
  return result!.value
}

/** Runs `work` as `caller` in a transaction that is rolled back. */
export function as<T>(caller: Caller, work: (sql: TransactionSql) => Promise<T>): Promise<T> {
  return session(caller, ({ sql }) => work(sql))
}

/** Every row of a table as sorted JSON texts. */
export async function readTable(sql: TransactionSql, table: string): Promise<string[]> {
  const rows = await sql.unsafe<{ row: string }[]>(`select to_jsonb(t)::text as row from ${table} t order by 1`)
  return rows.map(({ row }) => row)
}

/** Sets the role and claims of `caller` until the transaction ends. */
export async function impersonate(sql: TransactionSql, caller: Caller): Promise<void> {
  const isTicketSession = typeof caller === 'object' && 'ticketSession' in caller
  const role = caller === anonymous || isTicketSession ? 'anon' : caller === service ? 'postgres' : 'authenticated'
  const claims = isTicketSession
    ? JSON.stringify({ role, ticket_session: caller.ticketSession.toString('hex') })
    : typeof caller === 'object'
      ? JSON.stringify({
          sub: caller.id,
          role,
          // The claims of a request with an API key have no session.
          ...(caller.key ? { api_key: caller.key } : { email: caller.email, session_id: sessionIdOf(caller) })
        })
      : caller === anonymous
        ? JSON.stringify({ role })
        : ''
  await sql`select set_config('role', ${role}, true), set_config('request.jwt.claims', ${claims}, true)`
}

async function refusal(sql: TransactionSql, work: (sql: TransactionSql) => Promise<unknown>): Promise<Refusal> {
  let result: unknown
  try {
    result = await sql.savepoint(async sql => work(sql))
  } catch (error) {
    if (error instanceof postgres.PostgresError) return { code: error.code, message: error.message, detail: error.detail }
    throw error
  }
  throw new Error(`This should have been refused, but answered ${JSON.stringify(result)}`)
}
