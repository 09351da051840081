import type { Sql } from 'postgres'
import type { Table } from './catalog.ts'
import { newValue } from './change-payload.ts'
import type { Change } from './replication.ts'
import type { Identity } from './tokens.ts'

type Verdict = 'visible' | 'hidden' | 'error'

/** The keys one group of equal claims asks for, and which of them it can see. */
interface Caller {
  claims: string
  keys: Map<string, number>
  visible: Set<number>
  hasFailed: boolean
}

/**
 * Row-level security for one batch of changes: one query per table and role, asking for every group of equal claims
 * which of the changed rows it can see now.
 */
export class RowVisibility {
  readonly #questions = new Map<Table, Map<string, Map<string, Caller>>>()

  ask(change: Change, table: Table, identity: Identity): void {
    if (!isBound(change, table, identity)) return
    const roles = getOrAdd(this.#questions, table, () => new Map<string, Map<string, Caller>>())
    const callers = getOrAdd(roles, identity.role, () => new Map<string, Caller>())
    const caller = getOrAdd(callers, identity.group, () => ({
      claims: identity.claimsJson,
      keys: new Map<string, number>(),
      visible: new Set<number>(),
      hasFailed: true
    }))
    const key = keyOf(change, table)
    if (!caller.keys.has(key)) caller.keys.set(key, caller.keys.size + 1)
  }

  /** Asks; a query that fails as a whole leaves its callers with an error. @returns the number of queries it took */
  async check(sql: Sql, log: (line: string) => void): Promise<number> {
    const queries: Promise<void>[] = []
    for (const [table, roles] of this.#questions) {
      for (const [role, callers] of roles) {
        const check = checkRole(sql, { table, role, callers: [...callers.values()] })
        queries.push(check.catch((error: Error) => log(`realtime: row-level security could not be asked: ${error.message}`)))
      }
    }
    await Promise.all(queries)
    return queries.length
  }

  verdict(change: Change, table: Table, identity: Identity): Verdict {
    if (!isBound(change, table, identity)) return 'visible'
    const caller = this.#questions.get(table)?.get(identity.role)?.get(identity.group)
    if (!caller || caller.hasFailed) return 'error'
    return caller.visible.has(caller.keys.get(keyOf(change, table)) ?? 0) ? 'visible' : 'hidden'
  }
}

async function checkRole(sql: Sql, { table, role, callers }: { table: Table; role: string; callers: Caller[] }): Promise<void> {
  const questions = `[${callers.map(({ claims, keys }) => `{"claims":${claims},"keys":[${[...keys.keys()].join(',')}]}`).join(',')}]`
  const [row] = await sql<
    { results: { visible?: number[]; error?: string }[] }[]
  >`select realtime.visible_keys(${table.id}, ${role}, ${questions}::text::jsonb) results`
  callers.forEach((caller, position) => {
    const result = row?.results[position]
    caller.hasFailed = !result?.visible
    caller.visible = new Set(result?.visible)
  })
}

function isBound({ operation }: Change, table: Table, { role }: Identity): boolean {
  return operation !== 'DELETE' && table.hasRowSecurity && !table.roles.get(role)?.bypassesRowSecurity
}

function keyOf(change: Change, table: Table): string {
  return JSON.stringify(table.keys.map(column => newValue(change, column) ?? null))
}

function getOrAdd<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  let value = map.get(key)
  if (value === undefined) {
    value = make()
    map.set(key, value)
  }
  return value
}
