import { sql } from 'kysely'
import { parse } from 'tldts'
import { organization } from '#shared/schemas/answers/contact'
import type { OrganizationCreate, OrganizationUpdate } from '#shared/schemas/contact'
import type { PageQuery } from '#shared/schemas/page'
import type { Organization, Sharing } from '#shared/types/api'
import type { Db } from '../../db/types'
import type { Caller } from '../caller'
import { alphabetical } from '../order'
import { listOf, type List } from '../page'
import { deleteOrRefuse, notFound, Refusal } from '../refusal'

const columns = (Object.keys(organization.shape) as (keyof Organization)[]).map(name => `organization.${name}` as const)
const organizationView = sql<Organization>`private.organization_rows`.as('organization')

export function listOrganizations(db: Db, teamId: string, query: PageQuery): Promise<List<Organization>> {
  return listOf(
    db,
    organizationRows(db, teamId)
      .orderBy(alphabetical(sql.ref('organization.name')))
      .orderBy('organization.id'),
    query
  )
}

export async function getOrganization(db: Db, teamId: string, organizationId: string): Promise<Organization> {
  const row = await organizationRows(db, teamId).where('organization.id', '=', organizationId).executeTakeFirst()
  if (!row) throw notFound()
  return row
}

/** Throws 409 when another organization lists one of the domains, 422 for a public suffix or a mail provider. */
export async function createOrganization(
  db: Db,
  { teamId, userId }: Caller,
  { domains, ...fields }: OrganizationCreate
): Promise<Organization> {
  const { id } = await db
    .insertInto('organizations')
    .values({ ...fields, team_id: teamId, created_by: userId })
    .returning('id')
    .executeTakeFirstOrThrow()
  await setDomains(db, teamId, id, domains)
  return getOrganization(db, teamId, id)
}

export async function updateOrganization(
  db: Db,
  teamId: string,
  organizationId: string,
  { domains, ...changes }: OrganizationUpdate
): Promise<Organization> {
  await getOrganization(db, teamId, organizationId)
  if (Object.keys(changes).length > 0)
    await db.updateTable('organizations').set(changes).where('team_id', '=', teamId).where('id', '=', organizationId).execute()
  if (domains) await setDomains(db, teamId, organizationId, domains)
  return getOrganization(db, teamId, organizationId)
}

/** Its contacts stay and belong to no organization; its projects are deleted. Throws 409 `project_used` while a ticket names one of them. */
export async function deleteOrganization(db: Db, teamId: string, organizationId: string): Promise<void> {
  const { rows } = await sql`
    select from tickets where team_id = ${teamId}
      and project_id in (select id from projects where team_id = ${teamId} and organization_id = ${organizationId}) limit 1`.execute(db)
  if (rows.length > 0)
    throw new Refusal(409, 'project_used', 'Tickets name a project of this organization. Give the project to all contacts first')
  await deleteOrRefuse(db.deleteFrom('organizations').where('team_id', '=', teamId).where('id', '=', organizationId))
}

/** How many tickets would become visible to how many contacts if the organization shared its tickets. */
export async function previewSharing(db: Db, teamId: string, organizationId: string): Promise<Sharing> {
  await getOrganization(db, teamId, organizationId)
  const { rows } = await sql<Sharing>`select tickets, contacts from private.shared_tickets(${teamId}, ${organizationId})`.execute(db)
  return rows[0]!
}

async function setDomains(db: Db, teamId: string, organizationId: string, domains: string[]): Promise<void> {
  for (const domain of domains) {
    const { domain: registrable } = parse(domain, { allowPrivateDomains: true })
    if (registrable === null) throw new Refusal(422, 'public_suffix', `Nobody owns ${domain}: it is a public suffix`)
  }
  const listed = db.selectFrom('organization_domains').select(['domain', 'organization_id']).where('team_id', '=', teamId)
  const taken = domains.length > 0 ? await listed.where('domain', 'in', domains).execute() : []
  const other = taken.find(({ organization_id }) => organization_id !== organizationId)
  if (other) throw new Refusal(409, 'domain_taken', `Another organization lists ${other.domain}`)
  let removed = db.deleteFrom('organization_domains').where('team_id', '=', teamId).where('organization_id', '=', organizationId)
  if (domains.length > 0) removed = removed.where('domain', 'not in', domains)
  await removed.execute()
  const added = domains.filter(domain => taken.every(entry => entry.domain !== domain))
  if (added.length > 0)
    await db
      .insertInto('organization_domains')
      .values(added.map(domain => ({ team_id: teamId, domain, organization_id: organizationId })))
      .execute()
}

function organizationRows(db: Db, teamId: string) {
  return db.selectFrom(organizationView).select(columns).where('organization.team_id', '=', teamId)
}
