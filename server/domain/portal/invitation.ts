import { sql } from 'kysely'
import type { PortalInvitation, PortalLocale } from '#shared/types/portal'
import type { Db } from '../../db/types'
import { isAutomaticAddress } from '../mail/enqueue'
import { notFound, Refusal } from '../refusal'
import { digest, newSecret } from '../secret'

/** What the page behind the link of an invitation shows. */
export interface ParticipantInvitationPreview {
  team_id: string
  ticket_number: number
  inviter_name: string
  address: string
  locale: PortalLocale | null
}

/** Whom the client invited to their ticket, oldest first; none if they are not the requester. */
export async function listInvitations(db: Db, teamId: string, number: number): Promise<PortalInvitation[]> {
  return (await sql<PortalInvitation>`select * from portal.invitations(${teamId}, ${number})`.execute(db)).rows
}

/**
 * Asks somebody by mail whether they want to take part in a ticket of the client. Throws 404 for somebody who is not the requester, 409
 * `ticket_closed` and `already_participant`, 422 `own_address` for the team, `is_requester` for the client, `no_mailbox` for an address
 * that only machines read, `invitation_limit` beyond ten for a ticket, 429 after ten in a day.
 */
export async function inviteParticipant(db: Db, teamId: string, number: number, address: string): Promise<void> {
  if (isAutomaticAddress(address)) throw new Refusal(422, 'no_mailbox', 'Nobody reads mails to this address')
  await sql`select portal.invite_participant(${teamId}, ${number}, ${address})`.execute(db)
}

/** Throws 404 for an invitation that does not wait (any more), 409 `already_participant` for one that was confirmed. */
export async function withdrawInvitation(db: Db, teamId: string, number: number, invitationId: string): Promise<void> {
  await sql`select portal.withdraw_invitation(${teamId}, ${number}, ${invitationId})`.execute(db)
}

/** Throws 404 for a link that does not work (any more). */
export async function getParticipantInvitation(db: Db, token: string): Promise<ParticipantInvitationPreview> {
  const { rows } = await sql<ParticipantInvitationPreview>`
    select * from private.participant_invitation_preview(${digest(token)})`.execute(db)
  if (!rows[0]) throw notFound()
  return rows[0]
}

/**
 * Makes the invited person a participant, begins a ticket session and returns the secret for its cookie. Throws 404 for a link that does
 * not work (any more), 409 `participant_limit` for a ticket with 20 participants.
 */
export async function confirmParticipant(db: Db, token: string): Promise<string> {
  const secret = newSecret()
  await sql`select private.confirm_participant(${digest(token)}, ${digest(secret)})`.execute(db)
  return secret
}
