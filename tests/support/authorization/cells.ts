import { scopes } from '#shared/permissions'
import type { Caller } from '../as.ts'
import { matrix } from './matrix.ts'
import { callers, clients, keyOfBob, type CallerName } from './principals.ts'
import type { AuthorizationRow, Resource } from './row.ts'

/** A row tried by one principal, with the expected outcome. */
export interface Cell {
  principal: string
  caller: Caller
  isAllowed: boolean
}

export type Way = 'sql' | 'topic' | 'object'

/** The cells of a row for one way. API keys get no token for Supabase: only the server runs statements with their claims. */
export function cellsOf(row: AuthorizationRow, way: Way): Cell[] {
  const cells: Cell[] = Object.entries(callers).map(([principal, caller]) => ({
    principal,
    caller,
    isAllowed: (row.by as readonly string[]).includes(principal)
  }))
  if (way === 'sql') {
    const others = scopes.filter(scope => scope !== row.key && row.key !== 'read')
    if (row.key) cells.push({ principal: `a key with the scope ${row.key}`, caller: keyOfBob([row.key]), isAllowed: true })
    if (others.length > 0)
      cells.push({ principal: `a key with the scopes ${others.join(', ')}`, caller: keyOfBob(others), isAllowed: false })
  }
  for (const { name, column, caller, like } of clients)
    cells.push({
      principal: name,
      caller,
      isAllowed: (way === 'sql' && row.sql?.clients?.includes(column)) || like.every(name => (row.by as readonly string[]).includes(name))
    })
  return cells
}

/**
 * The callers of a route. Of those who may, the highest and the lowest role: the roles between need no request, because each role has the
 * permissions of the role below (tests/unit/shared/permissions.test.ts), and tests/db checks every role. All who may, when `by` is not the
 * top of the list of roles.
 */
export function routeCallersOf({ by }: Pick<AuthorizationRow, 'by'>): { allowed: CallerName[]; refused: CallerName[] } {
  const names = Object.keys(callers) as CallerName[]
  const isNested = by.every((name, index) => name === names[index])
  return {
    allowed: isNested ? [...new Set([...by.slice(0, 1), ...by.slice(-1)])] : [...by],
    refused: names.filter(name => !by.includes(name))
  }
}

/** The number of cases that are generated from the matrix. Each route is tried with a key of each scope, too. */
export function countCases(): Record<Way | 'route' | 'key', number> {
  const all = Object.values<Resource>(matrix).flatMap(({ rows }) => rows)
  const count = (way: Way) => all.reduce((sum, row) => sum + (row[way] ? cellsOf(row, way).length : 0), 0)
  const routes = all.flatMap(row => (row.route ? [routeCallersOf(row)] : []))
  return {
    sql: count('sql'),
    topic: count('topic'),
    object: count('object'),
    route: routes.reduce((sum, { allowed, refused }) => sum + allowed.length + refused.length, 0),
    key: routes.length * scopes.length
  }
}
