import { sql } from 'kysely'
import type { ProjectCreate, ProjectUpdate } from '#shared/schemas/contact'
import type { PageQuery } from '#shared/schemas/page'
import type { Project } from '#shared/types/api'
import type { Db } from '../db/types'
import type { Caller } from './caller'
import { alphabetical } from './order'
import { listOf, type List } from './page'
import { deleteOrRefuse, notFound, Refusal } from './refusal'

export function listProjects(db: Db, teamId: string, query: PageQuery): Promise<List<Project>> {
  return listOf(
    db,
    projectRows(db, teamId)
      .orderBy(alphabetical(sql.ref('project.name')))
      .orderBy('project.id'),
    query
  )
}

/** Throws 400 for an organization of another team, 422 `project_limit` beyond 1,000 projects. */
export async function createProject(db: Db, { teamId, userId }: Caller, fields: ProjectCreate): Promise<Project> {
  const { id } = await db
    .insertInto('projects')
    .values({ ...fields, team_id: teamId, created_by: userId })
    .returning('id')
    .executeTakeFirstOrThrow()
  return getProject(db, teamId, id)
}

export async function updateProject(
  db: Db,
  teamId: string,
  projectId: string,
  { is_archived, ...changes }: ProjectUpdate
): Promise<Project> {
  const { archived_at } = await getProject(db, teamId, projectId)
  const archived = is_archived === undefined ? {} : { archived_at: is_archived ? (archived_at ?? sql<string>`now()`) : null }
  if (Object.keys({ ...changes, ...archived }).length > 0)
    await db
      .updateTable('projects')
      .set({ ...changes, ...archived })
      .where('team_id', '=', teamId)
      .where('id', '=', projectId)
      .execute()
  return getProject(db, teamId, projectId)
}

/** Throws 409 `project_used` while a ticket names it: archive it then. */
export async function deleteProject(db: Db, teamId: string, projectId: string): Promise<void> {
  const { rows } = await sql`select from tickets where team_id = ${teamId} and project_id = ${projectId} limit 1`.execute(db)
  if (rows.length > 0) throw new Refusal(409, 'project_used', 'Tickets name this project. Archive it instead')
  await deleteOrRefuse(db.deleteFrom('projects').where('team_id', '=', teamId).where('id', '=', projectId))
}

async function getProject(db: Db, teamId: string, projectId: string): Promise<Project> {
  const row = await projectRows(db, teamId).where('project.id', '=', projectId).executeTakeFirst()
  if (!row) throw notFound()
  return row
}

function projectRows(db: Db, teamId: string) {
  return db
    .selectFrom('projects as project')
    .leftJoin('organizations as organization', 'organization.id', 'project.organization_id')
    .select([
      'project.id',
      'project.team_id',
      'project.name',
      'project.organization_id',
      'organization.name as organization_name',
      'project.archived_at',
      'project.created_at',
      'project.updated_at'
    ])
    .where('project.team_id', '=', teamId)
}
