import { sql } from 'kysely'
import type { Role } from '#shared/permissions'
import type { PageQuery } from '#shared/schemas/page'
import type { Member } from '#shared/types/api'
import type { Db } from '../db/types'
import { listOf, type List } from './page'
import { notFound } from './refusal'

export async function getMembership(db: Db, teamId: string, userId: string): Promise<Role | undefined> {
  const row = await db
    .selectFrom('team_members')
    .select('role')
    .where('team_id', '=', teamId)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return row?.role as Role | undefined
}

/** Only callers with `members.view_emails` get addresses. */
export async function listMembers(db: Db, teamId: string, query: PageQuery): Promise<List<Member>> {
  return (await listOf(db, members(db, teamId).orderBy('member.joined_at').orderBy('person.id'), query)) as List<Member>
}

export async function getMember(db: Db, teamId: string, userId: string): Promise<Member> {
  const member = await members(db, teamId).where('member.user_id', '=', userId).executeTakeFirst()
  if (!member) throw notFound()
  return member as Member
}

/** Throws 403 for the caller's own role, 403 for the role of an owner unless the caller is one, 409 for the last owner. */
export async function changeMemberRole(db: Db, teamId: string, userId: string, role: Role): Promise<Member> {
  await sql`select private.change_member_role(${teamId}, ${userId}, ${role})`.execute(db)
  return getMember(db, teamId, userId)
}

/** Unassigns the member's tickets; a job does so for those beyond 200. Throws 409 for the last owner. */
export async function removeMember(db: Db, teamId: string, userId: string): Promise<void> {
  await sql`select private.remove_member(${teamId}, ${userId})`.execute(db)
}

function members(db: Db, teamId: string) {
  return db
    .selectFrom('team_members as member')
    .innerJoin('profiles as person', 'person.id', 'member.user_id')
    .leftJoin(
      sql<{ user_id: string; email: string }>`private.team_member_emails(${teamId})`.as('address'),
      'address.user_id',
      'member.user_id'
    )
    .select(['person.id', 'person.full_name', 'person.avatar_url', 'person.kind', 'member.role', 'address.email', 'member.joined_at'])
    .where('member.team_id', '=', teamId)
}
