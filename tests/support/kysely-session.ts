import { DummyDriver, Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, type CompiledQuery } from 'kysely'
import type { TransactionSql } from 'postgres'
import type { Db } from '#server/db/types'

/** Runs functions of the domain in the transaction of a test, with its role. Times are read as `Date`. */
export function asDb(sql: TransactionSql): Db {
  class SessionDriver extends DummyDriver {
    override async acquireConnection() {
      return {
        executeQuery: async <R>({ sql: text, parameters }: CompiledQuery) => {
          const rows = await sql.unsafe(text, parameters as never[])
          return { rows: [...rows] as R[], numAffectedRows: BigInt(rows.count) }
        },
        streamQuery: () => {
          throw new Error('Not in a test')
        }
      }
    }
  }
  return new Kysely<never>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new SessionDriver(),
      createIntrospector: db => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler()
    }
  }) as unknown as Db
}
