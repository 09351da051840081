import type { H3Event } from 'h3'
import { holderCan, roleCan, scopesAllow, type Permission, type Role } from '#shared/permissions'
import type { KeyUse } from '../domain/api-key'
import type { Caller } from '../domain/caller'
import { getMembership } from '../domain/member'
import { asAnonymous as runAsAnonymous, asUser, type Claims, type Takes } from '../db/identity'
import type { Db } from '../db/types'

/** Runs a function in a transaction under the caller's identity; refusals and errors of the database become error answers. */
export type Run = <T>(work: (db: Db) => Promise<T>) => Promise<T>

export interface SignedIn {
  user: Claims
  db: Run
}

export interface TeamCaller extends SignedIn {
  teamId: string
  /** What domain functions take of both. */
  caller: Caller
  role: Role
  /** As `db`, for downloads: 60 seconds per statement, one at a time per person. */
  file: Run
  can: (permission: Permission) => boolean
  /** Throws 403 where the role or the key's scopes lack a permission that the body needs. */
  demand: (permission: Permission, refusal?: string) => void
}

/** A person by a session, or a member by a key of theirs. */
interface Identity extends SignedIn {
  key: KeyUse | null
  principal: string
  /** The transactions of the caller, in one team alone where it is given, without a turn among those of others. */
  runAs: (teamId?: string, takes?: Takes) => Run
}

/** The caller of a route that belongs to no team. Throws 401 without a valid session, 403 for an API key. */
export async function requireUser(event: H3Event): Promise<SignedIn> {
  const { user, key, principal, db } = await getCaller(event)
  if (key) throw failure(403, 'api_key', 'An API key works on the routes of its team alone')
  await spendBudgets(event, { person: user.sub })
  return { user, db: rememberAnswers(event, principal, rejectUnreadQuery(event, db)) }
}

/**
 * The first line of every team route: who is calling, in which team and role, and a database handle that is theirs.
 * Throws 401 without a valid session or API key, 404 for a team that the caller (or the key) is not in, 403 where the
 * role, or the scopes of the key, lack the permission, 429 beyond a limit of server/limits.ts.
 */
export async function authUser(event: H3Event, permission: Permission): Promise<TeamCaller> {
  const { user, key, principal, runAs } = await getCaller(event)
  const teamId = uuidParam(event, 'teamId')
  const role = key
    ? roleOf(key, teamId)
    : await limitTurns(event, runAs(teamId), { principal })(transaction => getMembership(transaction, teamId, user.sub))
  if (!role) throw notFound()
  // Strangers cannot spend a team's budgets.
  await spendBudgets(event, { ...(key ? { key: key.id } : { person: user.sub }), team: teamId })
  const carries = (wanted: Permission) => (key ? holderCan(key, wanted) : roleCan(role, wanted))
  const can = (wanted: Permission) => carries(wanted) && (!key || scopesAllow(key.scopes, wanted))
  const demand = (wanted: Permission, refusal = 'Your role does not allow this') => {
    if (!carries(wanted)) throw failure(403, 'forbidden', refusal)
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
    db: rememberAnswers(event, principal, rejectUnreadQuery(event, limitTurns(event, runAs(teamId), { principal, teamId }))),
    file: rejectUnreadQuery(event, limitTurns(event, runAs(teamId, 'export'), { principal, teamId, isFile: true }))
  }
}

/** Who calls, found once for a request. Throws 401 for nobody, and what a key that is refused is answered. */
export function getCaller(event: H3Event): Promise<Identity> {
  return (event.context.caller as Promise<Identity> | undefined) ?? (event.context.caller = identify(event))
}

async function identify(event: H3Event): Promise<Identity> {
  const key = await getApiKey(event)
  if (key) {
    const { id, team_id, user_id, scopes } = key
    const user = { sub: user_id, api_key: { id, team_id, scopes } }
    // Policies check the scopes. Without a scope that writes, the transaction is read-only as well.
    const isReadOnly = !scopes.includes('write') && !scopes.includes('export')
    return identityOf(event, { user, key, principal: `key:${id}` }, (teamId, takes) =>
      mapErrors(work => asUser(user, work, { channel: 'api', isReadOnly, takes, teamId }))
    )
  }
  const user = await getClaims(event)
  if (!user) throw failure(401, 'signed_out', 'Sign in first')
  setHeader(event, 'cache-control', 'no-store')
  await countRequest(event, event.path.startsWith('/api/avatars/') ? 'avatars' : 'person', user.sub)
  return identityOf(event, { user, key: null, principal: `user:${user.sub}` }, (teamId, takes) =>
    mapErrors(work => asUser(user, work, { takes, teamId }))
  )
}

function identityOf(event: H3Event, identity: Pick<Identity, 'user' | 'key' | 'principal'>, runAs: Identity['runAs']): Identity {
  return { ...identity, runAs, db: limitTurns(event, runAs(), { principal: identity.principal }) }
}

// A route parses its query before its first transaction.
function rejectUnreadQuery(event: H3Event, run: Run): Run {
  return async work => {
    refuseUnreadQuery(event)
    return run(work)
  }
}

function roleOf(key: KeyUse, teamId: string): Role | undefined {
  return key.team_id === teamId ? key.role : undefined
}

/** The first line of the few routes without a session. Throws 429 beyond the limits of an address. */
export async function openToAll(event: H3Event): Promise<{ db: Run }> {
  const address = clientNetwork(event)
  await countRequest(event, 'address', address)
  await spendBudgets(event, { address })
  return { db: limitTurns(event, asAnonymous, { principal: `address:${address}` }) }
}

/** Runs a function in an anonymous transaction: for API keys and for the tokens of mails. */
export const asAnonymous: Run = mapErrors(runAsAnonymous)

function mapErrors(run: Run): Run {
  return work => translateErrors(() => run(work))
}
