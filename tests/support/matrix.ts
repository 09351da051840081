import type { Row, TransactionSql } from 'postgres'
import { describe, expect, test } from 'vitest'
import { anonymous, service, session, type Caller } from './as.ts'
import { adam, ann, bob, dan, ivan, vera } from './world.ts'

/** Callers by description: the roles of Acme, members of another team, and an unauthenticated caller. */
export const callers = {
  'an owner': ann,
  'an admin': adam,
  'a member': bob,
  'a viewer': vera,
  'an owner of another team': ivan,
  'a member of another team': dan,
  'somebody who is not signed in': anonymous
} as const satisfies Record<string, Caller>

export type CallerName = keyof typeof callers

export const everybody = ['an owner', 'an admin', 'a member', 'a viewer'] as const
export const agents = ['an owner', 'an admin', 'a member'] as const
export const managers = ['an owner', 'an admin'] as const
export const owners = ['an owner'] as const

export interface Right {
  /** Completes the titles "an admin …" and "an admin never …". */
  does: string
  /** Runs statements on a row of Acme, and returns the rows that were read or written. */
  run: (sql: TransactionSql, caller: { id: string }) => Promise<readonly Row[]>
  by: readonly CallerName[]
  /** Prepares rows without row-level security. */
  prepare?: (sql: TransactionSql) => Promise<unknown>
}

/**
 * Defines a test for each right and caller. A caller with the right reads or writes at least one row. A caller without it is
 * refused or touches no row, and `table` stays unchanged.
 */
export function describeRights(table: string, rights: Right[]): void {
  describe(`rights on ${table}`, () => {
    for (const { does, run, by, prepare } of rights) {
      for (const [name, caller] of Object.entries(callers)) {
        const identity = typeof caller === 'object' ? caller : { id: '00000000-0000-0000-0000-000000000000' }
        if ((by as readonly string[]).includes(name)) {
          test(`${name} ${does}`, () =>
            session(service, async ({ sql, become }) => {
              await prepare?.(sql)
              await become(caller)
              expect((await run(sql, identity)).length).toBeGreaterThan(0)
            }))
        } else {
          test(`${name} never ${does}`, () =>
            session(service, async ({ sql, become, as }) => {
              await prepare?.(sql)
              const before = await readTable(sql, table)
              expect(before.length).toBeGreaterThan(0)
              await become(caller)
              const touched = await sql
                .savepoint(sql => run(sql, identity))
                .catch((error: { code?: string }) => {
                  expect(error.code, String(error)).toMatch(/^(42501|PT403|PT404)$/)
                  return []
                })
              expect(touched).toHaveLength(0)
              expect(await as(service, sql => readTable(sql, table))).toEqual(before)
            }))
        }
      }
    }
  })
}

/** Every row of a table as sorted JSON texts. */
export async function readTable(sql: TransactionSql, table: string): Promise<string[]> {
  const rows = await sql.unsafe<{ row: string }[]>(`select to_jsonb(t)::text as row from ${table} t order by 1`)
  return rows.map(({ row }) => row)
}
