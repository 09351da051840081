import { sql } from 'kysely'
import type { Role } from '#shared/permissions'
import type { ImportReply, ImportRequest } from '#shared/schemas/import'
import type { Issue } from '#shared/types/api'
import type { Db } from '../../db/types'
import { Refusal } from '../refusal'

export interface Importer {
  teamId: string
  userId: string
  email: string
  role: Role
}

/**
 * Finds the member with this address, or without one the first owner. Bypasses row-level security, because there is no identity yet.
 * Throws 404 `unknown_team` or `unknown_member`.
 */
export async function findImporter(db: Db, slug: string, email?: string): Promise<Importer> {
  const team = await db.selectFrom('teams').select('id').where('slug', '=', slug).executeTakeFirst()
  if (!team) throw new Refusal(404, 'unknown_team', `There is no team ${slug}`)
  const members = db
    .selectFrom('team_members as member')
    .innerJoin('profiles as profile', 'profile.id', 'member.user_id')
    .select([
      'member.user_id as userId',
      eb => eb.ref('profile.email').$notNull().as('email'),
      eb => eb.ref('member.role').$castTo<Role>().as('role')
    ])
    .where('member.team_id', '=', team.id)
    .where('profile.kind', '=', 'person')
  const importer = await (
    email
      ? members.where(sql<boolean>`lower(profile.email) = lower(${email})`)
      : members.where('member.role', '=', 'owner').orderBy('member.joined_at').orderBy('member.user_id').limit(1)
  ).executeTakeFirst()
  if (!importer) throw new Refusal(404, 'unknown_member', email ? `${email} is not a member of ${slug}` : `${slug} has no owner`)
  return { teamId: team.id, ...importer }
}

/**
 * Imports one request with its replies, and returns what it left out or changed. Returns null, and writes nothing, when the source id was
 * imported before. Sends no notifications or mails. Throws 403 when the caller may not create such a ticket, 400 for an unknown category.
 */
export async function importTicket(db: Db, teamId: string, { source_id, ticket, replies }: ImportRequest): Promise<Issue[] | null> {
  const { rows } = await sql<{ notes: Issue[] | null }>`
    select private.import_ticket(${teamId}, ${source_id}, ${JSON.stringify(ticket)}::text::jsonb, ${JSON.stringify(replies)}::text::jsonb) as notes`.execute(
    db
  )
  return rows[0]!.notes
}

/** `stated`: the time in the record of the previous reply. */
export interface ImportPart {
  replies: ImportReply[]
  stated: string | null
}

/** Appends replies to a request that the same transaction has imported, and returns what it changed. Throws 409 for any other request. */
export async function importReplies(db: Db, teamId: string, request: ImportRequest, { replies, stated }: ImportPart): Promise<Issue[]> {
  const {
    source_id,
    ticket: { resolved_at, closed_at }
  } = request
  const { rows } = await sql<{ notes: Issue[] }>`
    select private.import_replies(${teamId}, ${source_id}, ${JSON.stringify({ resolved_at, closed_at })}::text::jsonb, ${JSON.stringify(replies)}::text::jsonb, ${stated}::timestamptz) as notes`.execute(
    db
  )
  return rows[0]!.notes
}
