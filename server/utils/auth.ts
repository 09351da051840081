import type { H3Event } from 'h3'
import { roleCan, type Permission, type Role } from '#shared/permissions'
import { getMembership } from '../domain/member'
import { asAnonymous as runAsAnonymous, asUser, type Claims } from '../db/identity'
import type { Db } from '../db/types'

/** Runs a function in a transaction under the caller's identity; refusals and errors of the database become answers. */
export type Run = <T>(work: (db: Db) => Promise<T>) => Promise<T>

export interface SignedIn { user: Claims, db: Run }

export interface TeamCaller extends SignedIn { teamId: string, role: Role, can: (permission: Permission) => boolean }

/** The caller of a route that belongs to no team. Throws 401 without a valid session. */
export async function requireUser(event: H3Event): Promise<SignedIn> {
  const user = await getClaims(event)
  if (!user) throw failure(401, 'signed_out', 'Sign in first')
  setHeader(event, 'cache-control', 'no-store')
  return { user, db: translating(work => asUser(user, work)) }
}

/**
 * The first line of every team route: who is calling, in which team and role, and a database handle that is theirs.
 * Throws 401 without a valid session, 404 for a team that the caller is not in, 403 where the role lacks the permission.
 */
export async function authUser(event: H3Event, permission: Permission): Promise<TeamCaller> {
  const { user, db } = await requireUser(event)
  const teamId = uuidParam(event, 'teamId')
  const role = await db(transaction => getMembership(transaction, teamId, user.sub))
  if (!role) throw notFound()
  const can = (wanted: Permission) => roleCan(role, wanted)
  if (!can(permission)) throw failure(403, 'forbidden', 'Your role does not allow this')
  return { user, teamId, role, can, db }
}

/** For the few routes that need no session. */
export const asAnonymous: Run = translating(runAsAnonymous)

function translating(run: Run): Run {
  return async (work) => {
    try {
      return await run(work)
    } catch (error) {
      throw translateError(error)
    }
  }
}
