import type { H3Event } from 'h3'
import { teamSlug } from '#shared/schemas/article'
import { holderCan, roleCan, scopesAllow, type Permission, type Role } from '#shared/permissions'
import type { KeyUse } from '../domain/api-key'
import type { Caller } from '../domain/caller'
import { getMembership } from '../domain/member'
import { findPortalTeam } from '../domain/portal/client'
import { asAnonymous as runAsAnonymous, asUser, type Claims, type TimeoutKind } from '../db/identity'
import type { Db } from '../db/types'

/** Runs `work` in a transaction under the caller's identity. Refusals and database errors become error answers. */
export type Run = <T>(work: (db: Db) => Promise<T>) => Promise<T>

export interface SignedIn {
  user: Claims
  db: Run
}

export interface TeamCaller extends SignedIn {
  teamId: string
  caller: Caller
  role: Role
  /** Like `db`, for downloads: 60 seconds per statement, one at a time per person. */
  file: Run
  can: (permission: Permission) => boolean
  /** Throws 403 when the role or the key's scopes lack a permission, for permissions that depend on the body. */
  demand: (permission: Permission, refusal?: string) => void
}

interface Identity extends SignedIn {
  key: KeyUse | null
  principal: string
  /** Runs transactions of the caller without waiting for a turn. With `teamId`, policies look at this team only. */
  runAs: (teamId?: string, timeout?: TimeoutKind) => Run
}

/** The caller of a route that belongs to no team. Throws 401 without a valid session, 403 for an API key. */
export async function requireUser(event: H3Event): Promise<SignedIn> {
  const { user, key, principal, db } = await getCaller(event)
  if (key) throw failure(403, 'api_key', 'An API key works only on the routes of its team')
  await spendBudgets(event, { person: user.sub })
  return { user, db: withIdempotency(event, principal, rejectUnreadQuery(event, db)) }
}

/**
 * The first line of every team route. Returns the caller with their role in the team, and a database handle under their identity.
 * Throws 401 without a valid session or API key, 404 for a team that the caller (or the key) is not in, 403 when the role or the key's
 * scopes lack the permission, 429 beyond a limit of server/limits.ts.
 */
export async function authUser(event: H3Event, permission: Permission): Promise<TeamCaller> {
  const { user, key, principal, runAs } = await getCaller(event)
  const teamId = uuidParam(event, 'teamId')
  const role = key
    ? roleOf(key, teamId)
    : await limitTurns(event, runAs(teamId), { principal })(transaction => getMembership(transaction, teamId, user.sub))
  if (!role) throw notFound()
  // After the membership check, so that strangers cannot spend a team's budgets.
  await spendBudgets(event, { ...(key ? { key: key.id } : { person: user.sub }), team: teamId })
  const roleAllows = (wanted: Permission) => (key ? holderCan(key, wanted) : roleCan(role, wanted))
  const can = (wanted: Permission) => roleAllows(wanted) && (!key || scopesAllow(key.scopes, wanted))
  const demand = (wanted: Permission, refusal = 'Your role does not allow this') => {
    if (!roleAllows(wanted)) throw failure(403, 'forbidden', refusal)
    if (!can(wanted)) throw failure(403, 'scope', 'The scopes of this API key do not allow this')
  }
  demand(permission)
  event.context.teamCaller = { principal, teamId }
  return {
    user,
    teamId,
    caller: { teamId, userId: user.sub },
    role,
    can,
    demand,
    db: withIdempotency(event, principal, rejectUnreadQuery(event, limitTurns(event, runAs(teamId), { principal, teamId }))),
    file: rejectUnreadQuery(event, limitTurns(event, runAs(teamId, 'export'), { principal, teamId, isFile: true }))
  }
}

/** Identifies the caller, once per request. Throws 401 without a session or key, and what `getApiKey` throws. */
export function getCaller(event: H3Event): Promise<Identity> {
  return (event.context.caller as Promise<Identity> | undefined) ?? (event.context.caller = identify(event))
}

async function identify(event: H3Event): Promise<Identity> {
  const key = await getApiKey(event)
  if (key) {
    const { id, team_id, user_id, scopes } = key
    const user = { sub: user_id, api_key: { id, team_id, scopes } }
    // Policies check the scopes. As a second line, a key without a scope that writes gets a read-only transaction.
    const isReadOnly = !scopes.includes('write') && !scopes.includes('export')
    return identityOf(event, { user, key, principal: `key:${id}` }, (teamId, timeout) =>
      mapErrors(work => asUser(user, work, { channel: 'api', isReadOnly, timeout, teamId }))
    )
  }
  const user = await getClaims(event)
  if (!user) throw failure(401, 'signed_out', 'Sign in first')
  setHeader(event, 'cache-control', 'no-store')
  await countRequest(event, event.path.startsWith('/api/avatars/') ? 'avatars' : 'person', user.sub)
  return identityOf(event, { user, key: null, principal: `user:${user.sub}` }, (teamId, timeout) =>
    mapErrors(work => asUser(user, work, { timeout, teamId }))
  )
}

function identityOf(event: H3Event, identity: Pick<Identity, 'user' | 'key' | 'principal'>, runAs: Identity['runAs']): Identity {
  return { ...identity, runAs, db: limitTurns(event, runAs(), { principal: identity.principal }) }
}

// A route must parse its query before its first transaction; otherwise any query is refused.
function rejectUnreadQuery(event: H3Event, run: Run): Run {
  return async work => {
    refuseUnreadQuery(event)
    return run(work)
  }
}

function roleOf(key: KeyUse, teamId: string): Role | undefined {
  return key.team_id === teamId ? key.role : undefined
}

/** The first line of public routes. Throws 429 beyond the limits of the caller's network. */
export async function openToAll(event: H3Event): Promise<{ db: Run }> {
  const address = clientNetwork(event)
  await countRequest(event, 'address', address)
  await spendBudgets(event, { address })
  return { db: limitTurns(event, asAnonymous, { principal: `address:${address}` }) }
}

/** The first line of public routes of a team, which the path names by its slug. Throws 404 for a slug that no team has. */
export async function openTeamToAll(event: H3Event): Promise<{ db: Run; teamId: string }> {
  const { db } = await openToAll(event)
  const slug = param(event, 'teamSlug', teamSlug)
  const team = await db(tx => findPortalTeam(tx, slug))
  if (!team) throw notFound()
  return { db, teamId: team.id }
}

/** Runs `work` in an anonymous transaction: to look up API keys, and for the tokens of mails. */
export const asAnonymous: Run = mapErrors(runAsAnonymous)

function mapErrors(run: Run): Run {
  return work => translateErrors(() => run(work))
}
