import { globSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { api, readTeamRows, expectError, newTeam } from './api.ts'
import { anonymous } from './as.ts'
import { routeCallersOf } from './authorization/cells.ts'
import { matrix, type ResourceName } from './authorization/matrix.ts'
import { callers, everybody, type CallerName } from './authorization/principals.ts'
import type { AuthorizationRow, Resource, RouteAttempt } from './authorization/row.ts'
import type { TeamWorld } from './world.ts'

/** A row of the matrix that a request can try. */
export type RouteRight = Pick<AuthorizationRow, 'does' | 'by' | 'key'> & Omit<RouteAttempt, 'request'> & { route: string }

/** The rows of the matrix with a route, by resource: for the tests of rights, identity and invalid input. */
export const rights: Record<string, RouteRight[]> = Object.fromEntries(
  Object.entries<Resource>(matrix)
    .map(([name, { rows }]) => [name, rows.flatMap(asRouteRight)] as const)
    .filter(([, rights]) => rights.length > 0)
)

function asRouteRight({ does, by, key, route }: AuthorizationRow): RouteRight[] {
  if (!route) return []
  const { request, ...attempt } = route
  return [{ does, by, key, route: request, ...attempt }]
}

/** One right of each route. */
export const routes: RouteRight[] = [
  ...new Map(
    Object.values(rights)
      .flat()
      .reverse()
      .map(right => [right.route, right])
  ).values()
]

/** The routes of server/api, named as in `rights`. */
export function readRouteFiles(): string[] {
  return globSync('server/api/**/*.ts')
    .filter(file => !file.endsWith('[...].ts'))
    .map(file => {
      const [, path, method] = /^server\/api(.*?)(?:\/index)?\.(get|post|put|patch|delete)\.ts$/.exec(file) ?? []
      if (!path || !method) throw new Error(`${file} names no method`)
      return `${method.toUpperCase()} ${path}`
    })
}

/** The method and path of a request to a route. */
export function buildRequest(
  { route, parameters, query = '' }: RouteRight,
  team: TeamWorld,
  others: Record<string, string> = {}
): { method: string; path: string } {
  const values: Record<string, string> = { teamId: team.id, ...parameters?.(team), ...others }
  const [method, path] = route.split(' ') as [string, string]
  return { method, path: `${path}${query}`.replace(/\[(\w+)\]/g, (_, name: string) => values[name]!) }
}

/** Defines tests for each right of a noun: callers who have it succeed; all others are refused and change nothing. */
export function describeRouteRights(noun: ResourceName): void {
  describe(`rights of ${noun}`, () => {
    // Refused requests and GET requests change nothing, so that they share a team.
    let shared: Promise<TeamWorld> | undefined
    for (const right of rights[noun]!) {
      const request = (name: CallerName, team: TeamWorld) => {
        const { method, path } = buildRequest(right, team)
        const caller = callers[name]
        return api(typeof caller === 'object' ? caller : null, method, path, right.body?.(team))
      }
      const { allowed, refused: others } = routeCallersOf(right)
      for (const name of allowed) {
        test(`${name} ${right.does}: ${right.route}`, async () => {
          const team = await (right.route.startsWith('GET') ? (shared ??= newTeam()) : newTeam())
          const answer = await request(name, team)
          expect(answer.status, JSON.stringify(answer.body)).toBe(right.status)
        })
      }
      if (others.length > 0)
        test(`${right.route} refuses all other callers: ${right.does}`, async () => {
          const team = await (shared ??= newTeam())
          const before = await readTeamRows(team.id)
          await Promise.all(
            others.map(async name => {
              const inTeam = (everybody as readonly string[]).includes(name)
              const answer = await request(name, team)
              expect(answer.status, `${name}: ${JSON.stringify(answer.body)}`).toBe(
                right.refusals?.[name] ?? (callers[name] === anonymous ? 401 : inTeam ? 403 : 404)
              )
              expectError(answer, answer.status)
            })
          )
          expect(await readTeamRows(team.id)).toBe(before)
        })
    }
  })
}
