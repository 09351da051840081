import { sql } from 'kysely'
import type { Locale } from '#shared/texts/locale'
import { mailTexts } from '#shared/texts/mail'
import type { Db } from '../../db/types'
import { digest, newSecret } from '../secret'
import type { ClaimedMail } from './claim'
import { isAutomaticAddress } from './enqueue'
import { ticketNumber, type Cancellation, type Draft } from './letter'
import { forStranger, withoutLinks } from './stranger'

interface Invitation {
  id: string
  expires_at: Date
  team_name: string
  slug: string
  color: string | null
  ticket_number: number
  inviter_name: string
  locale: Locale | null
  is_stranger: boolean
}

/**
 * Asks somebody whether they want to take part in a ticket, and issues the link for it. It holds nothing of the ticket but its number. The
 * person never asked for it, so the name of who invites them is the only text of people, and is no link.
 */
export async function draftParticipantInvitation(db: Db, mail: ClaimedMail, siteUrl: string): Promise<Draft | Cancellation> {
  if (isAutomaticAddress(mail.recipient)) return { cancelled: 'Nobody reads mails to this address' }
  const token = newSecret()
  const invitation = await findInvitation(db, mail)
  if (!invitation || !(await storeToken(db, invitation.id, token))) return { cancelled: 'The invitation is no longer valid' }
  const { team_name, slug, color, ticket_number, inviter_name, locale, expires_at, is_stranger } = invitation
  const t = mailTexts(locale)
  const sentence = t('invitation', { name: withoutLinks(inviter_name), number: ticketNumber(ticket_number), team: team_name })
  const date = new Intl.DateTimeFormat(locale ?? 'en', { dateStyle: 'long', timeZone: 'UTC' }).format(new Date(expires_at))
  const draft: Draft = {
    topic: t('subject.invitation'),
    number: ticket_number,
    fromName: team_name,
    letter: {
      preview: sentence,
      from: team_name,
      blocks: [
        { kind: 'paragraph', text: t('greeting.unnamed') },
        { kind: 'paragraph', text: sentence },
        { kind: 'paragraph', text: t('invitation.meaning') },
        { kind: 'button', label: t('invitation.link'), url: `${siteUrl}/p/${slug}/follow?k=${token}` }
      ],
      footer: t('footer.invitation', { date }),
      locale: locale ?? undefined,
      color
    }
  }
  return is_stranger ? forStranger(draft, draft.topic) : draft
}

async function findInvitation(db: Db, { team_id, ticket_id, recipient }: ClaimedMail): Promise<Invitation | undefined> {
  const { rows } = await sql<Invitation>`
    select invitation.id, invitation.expires_at, details.team_name, details.slug, details.color, details.ticket_number,
      details.inviter_name, details.locale, (private.mail_limits(invitation.team_id)).level = 'new' as is_stranger
    from private.participant_invitations as invitation, private.invitation_details(invitation) as details
    where invitation.team_id = ${team_id} and invitation.ticket_id = ${ticket_id} and invitation.address = ${recipient}`.execute(db)
  return rows[0]
}

/** Returns whether the invitation still waits. A mail that is sent again has another link, and the link before stops working. */
async function storeToken(db: Db, id: string, token: string): Promise<boolean> {
  const { rows } = await sql`
    update private.participant_invitations set token_hash = ${digest(token)} where id = ${id} and contact_id is null returning id`.execute(
    db
  )
  return rows.length > 0
}
