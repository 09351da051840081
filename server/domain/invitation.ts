import { sql } from 'kysely'
import type { PageQuery } from '#shared/schemas/page'
import type { InvitationCreate } from '#shared/schemas/team'
import type { Invitation, InvitationPreview, Team } from '#shared/types/api'
import type { Db } from '../db/types'
import { listOf, type List } from './page'
import { deleteOrRefuse, notFound } from './refusal'
import { digest, newSecret } from './secret'
import { getTeam } from './team'

/** Only the mail holds the token: the database stores its SHA-256. */
export interface IssuedInvitation {
  invitation: Invitation
  token: string
}

export async function listInvitations(db: Db, teamId: string, query: PageQuery): Promise<List<Invitation>> {
  return (await listOf(
    db,
    invitations(db).where('invitation.team_id', '=', teamId).orderBy('invitation.created_at', 'desc').orderBy('invitation.id'),
    query
  )) as List<Invitation>
}

/** Inviting an address again replaces its invitation. Throws 409 for members, 403 for a role beyond the caller's. */
export async function createInvitation(db: Db, teamId: string, { email, role }: InvitationCreate): Promise<IssuedInvitation> {
  const token = newSecret()
  const {
    rows: [row]
  } = await sql<{ id: string }>`select private.save_invitation(${teamId}, ${email}, ${role}, ${digest(token)}) as id`.execute(db)
  return { invitation: await getInvitation(db, teamId, row!.id), token }
}

/** Issues a new token for 72 hours and revokes the old one. */
export async function renewInvitation(db: Db, teamId: string, invitationId: string): Promise<IssuedInvitation> {
  return createInvitation(db, teamId, await getInvitation(db, teamId, invitationId))
}

export async function deleteInvitation(db: Db, teamId: string, invitationId: string): Promise<void> {
  await deleteOrRefuse(db.deleteFrom('team_invitations').where('team_id', '=', teamId).where('id', '=', invitationId))
}

/** Throws 404 for a token that is used, revoked or older than 72 hours. */
export async function previewInvitation(db: Db, token: string): Promise<InvitationPreview> {
  const {
    rows: [preview]
  } = await sql<InvitationPreview>`select * from private.invitation_preview(${digest(token)})`.execute(db)
  if (!preview) throw notFound()
  return preview
}

/** Throws 403 `wrong_mailbox` for the invitation of another address, 404 for a token that is no longer valid. */
export async function acceptInvitation(db: Db, userId: string, token: string): Promise<Team> {
  const {
    rows: [row]
  } = await sql<{ team_id: string }>`select private.accept_invitation(${digest(token)}) as team_id`.execute(db)
  return getTeam(db, { teamId: row!.team_id, userId })
}

async function getInvitation(db: Db, teamId: string, invitationId: string): Promise<Invitation> {
  const invitation = await invitations(db)
    .where('invitation.team_id', '=', teamId)
    .where('invitation.id', '=', invitationId)
    .executeTakeFirst()
  if (!invitation) throw notFound()
  return invitation as Invitation
}

function invitations(db: Db) {
  return db
    .selectFrom('team_invitations as invitation')
    .leftJoin('profiles as inviter', 'inviter.id', 'invitation.invited_by')
    .select([
      'invitation.id',
      'invitation.email',
      'invitation.role',
      'inviter.full_name as invited_by',
      'invitation.created_at',
      'invitation.expires_at'
    ])
}
