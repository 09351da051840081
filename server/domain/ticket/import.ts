import { sql } from 'kysely'
import type { Role } from '#shared/permissions'
import type { ImportRequest } from '#shared/schemas/import'
import type { Db } from '../../db/types'
import { Refusal } from '../refusal'
import { createReply } from '../reply'
import { createTicket } from './write'

/** The member in whose name an import writes. */
export interface Importer { teamId: string, userId: string, email: string, role: Role }

/**
 * The member of the team with this address, or its first owner without one. Reads past row-level security, before there
 * is an identity. Throws 404 `unknown_team` or `unknown_member`.
 */
export async function findImporter(db: Db, slug: string, email?: string): Promise<Importer> {
  const team = await db.selectFrom('teams').select('id').where('slug', '=', slug).executeTakeFirst()
  if (!team) throw new Refusal(404, 'unknown_team', `There is no team ${slug}`)
  const members = db.selectFrom('team_members as member')
    .innerJoin('profiles as profile', 'profile.id', 'member.user_id')
    .select(['member.user_id as userId', eb => eb.ref('profile.email').$notNull().as('email'), eb => eb.ref('member.role').$castTo<Role>().as('role')])
    .where('member.team_id', '=', team.id).where('profile.kind', '=', 'person')
  const importer = await (email
    ? members.where(sql<boolean>`lower(profile.email) = lower(${email})`)
    : members.where('member.role', '=', 'owner').orderBy('member.joined_at').orderBy('member.user_id').limit(1)
  ).executeTakeFirst()
  if (!importer) throw new Refusal(404, 'unknown_member', email ? `${email} is not a member of ${slug}` : `${slug} has no owner`)
  return { teamId: team.id, ...importer }
}

/**
 * Writes one request with its replies in the caller's name, once for each source id of a team: answers false, and
 * writes nothing, where it was imported before. Throws what createTicket and createReply throw.
 */
export async function importTicket(db: Db, teamId: string, userId: string, request: ImportRequest): Promise<boolean> {
  const { source_id, created_at, ticket: fields, replies } = request
  const begun = await sql<{ isNew: boolean }>`select private.begin_ticket_import(${teamId}, ${source_id}) as "isNew"`.execute(db)
  if (!begun.rows[0]!.isNew) return false
  const ticket = await createTicket(db, teamId, userId, fields)
  const replyIds: string[] = []
  for (const { created_at: _, ...reply } of replies) replyIds.push((await createReply(db, teamId, ticket.id, userId, reply)).id)
  await sql`select private.finish_ticket_import(${teamId}, ${source_id}, ${ticket.id}, ${created_at}::timestamptz, ${replyIds}::uuid[], ${replies.map(reply => reply.created_at)}::timestamptz[])`.execute(db)
  return true
}
