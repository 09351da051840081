import type { Sql } from 'postgres'
import type { Table } from './catalog.ts'
import { newValue } from './change-payload.ts'
import type { Change } from './replication.ts'
import type { Identity } from './tokens.ts'

type Verdict = 'visible' | 'hidden' | 'error'

/** The keys to check for one group of equal claims, and the positions of those that it can see. */
interface Caller {
  claims: string
  keys: Map<string, number>
  visible: Set<number>
  hasFailed: boolean
}

/**
 * Checks row-level security for one batch of changes. One query per table and role finds, for each group of equal claims,
 * the changed rows that it can see now.
 */
export class RowVisibility {
  readonly #lookups = new Map<Table, Map<string, Map<string, Caller>>>()

  add(change: Change, table: Table, identity: Identity): void {
    if (!isRestricted(change, table, identity)) return
    const roles = getOrAdd(this.#lookups, table, () => new Map<string, Map<string, Caller>>())
    const callers = getOrAdd(roles, identity.role, () => new Map<string, Caller>())
    const caller = getOrAdd(callers, identity.group, () => ({
      claims: identity.claimsJson,
      keys: new Map<string, number>(),
      visible: new Set<number>(),
      hasFailed: true
    }))
    const key = serializeKey(change, table)
    if (!caller.keys.has(key)) caller.keys.set(key, caller.keys.size + 1)
  }

  /** Runs the checks. When a query fails as a whole, all its callers have the verdict 'error'. @returns the number of queries */
  async check(sql: Sql, log: (line: string) => void): Promise<number> {
    const queries: Promise<void>[] = []
    for (const [table, roles] of this.#lookups) {
      for (const [role, callers] of roles) {
        const check = checkRole(sql, { table, role, callers: [...callers.values()] })
        queries.push(check.catch((error: Error) => log(`realtime: could not check row-level security: ${error.message}`)))
      }
    }
    await Promise.all(queries)
    return queries.length
  }

  getVerdict(change: Change, table: Table, identity: Identity): Verdict {
    if (!isRestricted(change, table, identity)) return 'visible'
    const caller = this.#lookups.get(table)?.get(identity.role)?.get(identity.group)
    if (!caller || caller.hasFailed) return 'error'
    return caller.visible.has(caller.keys.get(serializeKey(change, table)) ?? 0) ? 'visible' : 'hidden'
  }
}

async function checkRole(sql: Sql, { table, role, callers }: { table: Table; role: string; callers: Caller[] }): Promise<void> {
  const requests = `[${callers.map(({ claims, keys }) => `{"claims":${claims},"keys":[${[...keys.keys()].join(',')}]}`).join(',')}]`
  const [row] = await sql<
    { results: { visible?: number[]; error?: string }[] }[]
  >`select realtime.visible_keys(${table.id}, ${role}, ${requests}::text::jsonb) results`
  callers.forEach((caller, position) => {
    const result = row?.results[position]
    caller.hasFailed = !result?.visible
    caller.visible = new Set(result?.visible)
  })
}

function isRestricted({ operation }: Change, table: Table, { role }: Identity): boolean {
  return operation !== 'DELETE' && table.hasRowSecurity && !table.roles.get(role)?.bypassesRowSecurity
}

function serializeKey(change: Change, table: Table): string {
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
