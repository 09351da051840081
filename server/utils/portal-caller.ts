import type { H3Event } from 'h3'
import type { PortalClient, PortalTeamChoice } from '#shared/types/portal'
import { asTicketSession, asUser } from '../db/identity'
import { getPortalAccount, getPortalClient, linkContacts } from '../domain/portal/client'
import { requirePortalTicket } from '../domain/portal/ticket'
import { findTicketOfSession, sessionHashOf } from '../domain/portal/ticket-session'
import type { Run } from './auth'

export interface PortalCaller {
  client: PortalClient
  /** The teams where the account is a client; empty for a ticket session. */
  teams: PortalTeamChoice[]
  db: Run
}

/**
 * The client who asks for a page of the team. An account may do more than a ticket session, so the session counts only for its ticket
 * (`number`), and if the account cannot open that. Null for somebody who is not signed in, 'not_client' for an account that is no client of
 * the team.
 */
export async function findPortalCaller(event: H3Event, team: { id: string }, number?: number): Promise<PortalCaller | 'not_client' | null> {
  const secret = ticketSecret(event)
  const account = await findAccountCaller(event, team)
  if (secret && number !== undefined && (await opensTicket(secret, team.id, number))) {
    if (isCaller(account) && (await unlessMissing(() => account.db(tx => requirePortalTicket(tx, team.id, number))))) return account
    refuseForeignSites(event)
    const db = limitTurns(event, work => translateErrors(() => asTicketSession(sessionHashOf(secret), work)), {
      principal: `address:${clientNetwork(event)}`,
      teamId: team.id
    })
    const client = await unlessMissing(() => db(tx => getPortalClient(tx, team.id)))
    if (client) return { client, teams: [], db }
  }
  return account
}

function isCaller(found: PortalCaller | 'not_client' | null): found is PortalCaller {
  return found !== null && found !== 'not_client'
}

async function findAccountCaller(event: H3Event, team: { id: string }): Promise<PortalCaller | 'not_client' | null> {
  const account = await findPortalAccount(event, team.id)
  if (!account) return null
  const { db } = account
  try {
    const find = () => unlessMissing(() => db(tx => getPortalAccount(tx, team.id)))
    // The contact may be newer than the sign-in.
    const found = (await find()) ?? (await db(linkContacts), await find())
    return found ? { ...found, db } : 'not_client'
  } catch (error) {
    if (isError(error) && error.statusCode === 401) return null // the session was ended elsewhere
    throw error
  }
}

/** The account that is signed in, and its transactions; null for nobody. */
export async function findPortalAccount(event: H3Event, teamId?: string): Promise<{ db: Run } | null> {
  const claims = await getPortalClaims(event)
  if (!claims) return null
  await countRequest(event, 'person', claims.sub)
  const principal = `user:${claims.sub}`
  return {
    db: limitTurns(event, work => translateErrors(() => asUser(claims, work, { channel: 'portal', teamId })), { principal, teamId })
  }
}

/** The ticket that the session in this browser opens; undefined without one. */
export async function findOpenedTicket(event: H3Event, teamId: string): Promise<number | undefined> {
  const secret = ticketSecret(event)
  const opened = secret && (await asAnonymous(tx => findTicketOfSession(tx, secret)))
  return opened && opened.team_id === teamId ? opened.ticket_number : undefined
}

async function opensTicket(secret: string, teamId: string, number: number): Promise<boolean> {
  const opened = await asAnonymous(tx => findTicketOfSession(tx, secret))
  return opened?.team_id === teamId && opened.ticket_number === number
}

/** Returns null where `work` throws 404. */
export async function unlessMissing<T>(work: () => Promise<T>): Promise<T | null> {
  try {
    return await work()
  } catch (error) {
    if (isError(error) && error.statusCode === 404) return null
    throw error
  }
}
