import { sql } from 'kysely'
import type { Role } from '#shared/permissions'
import type { PageQuery } from '#shared/schemas/page'
import type { TeamCreate, TeamUpdate } from '#shared/schemas/team'
import type { Team } from '#shared/types/api'
import type { Db } from '../db/types'
import type { Caller } from './caller'
import { alphabetical } from './order'
import { listOf, type List } from './page'
import { notFound } from './refusal'

function teams(db: Db, userId: string) {
  return db
    .selectFrom('teams as team')
    .innerJoin('team_members as mine', 'mine.team_id', 'team.id')
    .select(['team.id', 'team.name', 'team.slug', 'team.time_zone', 'team.auto_close_days', 'team.rating_delay_minutes'])
    .select(['team.portal_color', 'team.client_priority', 'team.portal_shows_due', 'team.created_at'])
    .select(eb => eb.ref('team.client_mails').$castTo<Team['client_mails']>().as('client_mails'))
    .select(eb => eb.ref('team.help_locales').$castTo<Team['help_locales']>().as('help_locales'))
    .select(eb => eb.ref('team.unscanned_files').$castTo<Team['unscanned_files']>().as('unscanned_files'))
    .select(eb => [
      eb.ref('mine.role').$castTo<Role>().as('role'),
      sql<string>`private.team_topic(team.id, team.realtime_epoch)`.as('realtime_topic')
    ])
    .where('mine.user_id', '=', userId)
}

export function listTeams(db: Db, userId: string, query: PageQuery): Promise<List<Team>> {
  return listOf(
    db,
    teams(db, userId)
      .orderBy(alphabetical(sql.ref('team.name')))
      .orderBy('team.id'),
    query
  )
}

export async function getTeam(db: Db, { teamId, userId }: Caller): Promise<Team> {
  const team = await teams(db, userId).where('team.id', '=', teamId).executeTakeFirst()
  if (!team) throw notFound()
  return team
}

/** The caller becomes the owner. Throws 409 for a slug that is taken. Without a slug, a free one is derived from the name. */
export async function createTeam(db: Db, userId: string, { name, slug }: TeamCreate): Promise<Team> {
  const {
    rows: [row]
  } = await sql<{ id: string }>`select private.create_team(${name}, ${slug ?? null}) as id`.execute(db)
  if (!row) throw notFound()
  return getTeam(db, { teamId: row.id, userId })
}

export async function updateTeam(db: Db, caller: Caller, changes: TeamUpdate): Promise<Team> {
  if (Object.keys(changes).length > 0) await db.updateTable('teams').set(changes).where('id', '=', caller.teamId).execute()
  return getTeam(db, caller)
}

/** Members lose access to the team at once. A job deletes the rows of a large team. */
export async function deleteTeam(db: Db, teamId: string): Promise<void> {
  await sql`select private.delete_team(${teamId})`.execute(db)
}
