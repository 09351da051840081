import { sql } from 'kysely'
import type { PortalCategory, PortalProject, PortalClient, PortalLocale, PortalTeam, PortalTeamChoice } from '#shared/types/portal'
import type { Db } from '../../db/types'
import { digest } from '../secret'

/** The team with this slug, for its public sign-in page; undefined if there is none. */
export async function findPortalTeam(db: Db, slug: string): Promise<PortalTeam | undefined> {
  const { rows } = await sql<Omit<PortalTeam, 'slug'>>`select id, name, color, help_locales from private.portal_team(${slug})`.execute(db)
  return rows[0] && { ...rows[0], slug }
}

/** Who acts. Throws 404 for everybody but clients of the team. */
export async function getPortalClient(db: Db, teamId: string): Promise<PortalClient> {
  const { rows } = await sql<PortalClient>`select * from portal.client(${teamId})`.execute(db)
  return rows[0]!
}

/** The account that acts, and the teams where it is a client, in one round trip. Throws 404 for everybody but clients of the team. */
export async function getPortalAccount(db: Db, teamId: string): Promise<{ client: PortalClient; teams: PortalTeamChoice[] }> {
  const { rows } = await sql<PortalClient & { teams: PortalTeamChoice[] }>`
    select client.*, (select coalesce(jsonb_agg(team), '[]') from (select id, name, slug from private.portal_teams()) as team) as teams
    from portal.client(${teamId}) as client`.execute(db)
  const { teams, ...client } = rows[0]!
  return { client, teams }
}

/** The teams where the account is a client, by name. */
export async function listPortalTeams(db: Db): Promise<PortalTeamChoice[]> {
  return (await sql<PortalTeamChoice>`select id, name, slug from private.portal_teams()`.execute(db)).rows
}

export async function listPortalCategories(db: Db, teamId: string): Promise<PortalCategory[]> {
  return (await sql<PortalCategory>`select key, name from portal.categories(${teamId})`.execute(db)).rows
}

/** The projects that the client can choose. */
export async function listPortalProjects(db: Db, teamId: string): Promise<PortalProject[]> {
  return (await sql<PortalProject>`select id, name from portal.projects(${teamId})`.execute(db)).rows
}

/** Links the account to the contacts with its confirmed address. */
export async function linkContacts(db: Db): Promise<void> {
  await sql`select private.link_contacts()`.execute(db)
}

/** The contact who may sign in with an address; undefined if nobody may. Bypasses row-level security: the caller must not reveal it. */
export async function findPortalAddress(db: Db, teamId: string, address: string): Promise<{ locale: PortalLocale | null } | undefined> {
  const { rows } = await sql<{ locale: PortalLocale | null }>`
    select locale from private.portal_address(${teamId}, ${address})`.execute(db)
  return rows[0]
}

/** Records a link to sign in that is mailed to this address, so that agents can revoke it. */
export async function recordSignInLink(db: Db, teamId: string, address: string, token: string): Promise<void> {
  await sql`select private.record_sign_in_link(${teamId}, ${address}, ${digest(token)})`.execute(db)
}
