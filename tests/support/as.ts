import postgres, { type Sql, type TransactionSql } from 'postgres'
import { inject } from 'vitest'
import { sessionOf, type Person } from './world.ts'

/** Somebody without an account: the publishable key alone. */
export const anonymous = 'anonymous'

/** Past row-level security: what is really there. */
export const service = 'service'

export type Caller = Pick<Person, 'id' | 'email'> | typeof anonymous | typeof service

export interface Session {
  sql: TransactionSql
  /** From now on, statements run as this caller, as Supabase's Data API runs them. */
  become: (caller: Caller) => Promise<void>
  /** Runs statements as somebody else and comes back. */
  as: <T>(caller: Caller, work: (sql: TransactionSql) => Promise<T>) => Promise<T>
  /** The error of statements that must fail; what they did before is undone. Throws when they succeed. */
  refusal: (work: (sql: TransactionSql) => Promise<unknown>) => Promise<Refusal>
}

export interface Refusal {
  code: string
  message: string
  detail?: string
}

class RolledBack extends Error {}

let pool: Sql | undefined

/** The database of this worker: files that run at the same time have each one of their own. */
export function databaseUrl(): string {
  return inject('databaseUrls')[Number(process.env.VITEST_POOL_ID) - 1]!
}

/** Connections of the role that migrations run as: for what must really be committed. */
export function database(): Sql {
  return (pool ??= postgres(databaseUrl(), { max: 4, onnotice: () => {} }))
}

/** After each file. */
export async function endFile(): Promise<void> {
  await pool?.end({ timeout: 2 })
  pool = undefined
}

/** A transaction that is rolled back, begun as `caller`: like a browser that talks to Supabase with its own token. */
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

/** One piece of work in such a transaction. */
export function as<T>(caller: Caller, work: (sql: TransactionSql) => Promise<T>): Promise<T> {
  return session(caller, ({ sql }) => work(sql))
}

/** Local to the transaction: role and claims of `caller`. */
export async function impersonate(sql: TransactionSql, caller: Caller): Promise<void> {
  const role = caller === anonymous ? 'anon' : caller === service ? 'postgres' : 'authenticated'
  const claims =
    typeof caller === 'object'
      ? JSON.stringify({ sub: caller.id, email: caller.email, session_id: sessionOf(caller), role })
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
