import { sendMail, type Mail } from '../adapters/mail'
import type { IssuedInvitation } from '../domain/invitation'
import { headerText, htmlPart, textPart, type Letter } from '../domain/mail/letter'
import { getTeam } from '../domain/team'
import type { Run } from './auth'

/** Mails an invitation after it was committed. Throws 502 `mail_failed` when it cannot: the invitation stays, to be sent again. */
export async function mailInvitation(db: Run, userId: string, teamId: string, issued: IssuedInvitation): Promise<void> {
  const team = await db(tx => getTeam(tx, userId, teamId))
  try {
    await sendMail(invitationMail(team.name, issued, useRuntimeConfig().public.siteUrl))
  } catch (error) {
    console.error('An invitation could not be mailed:', error instanceof Error ? error.message : 'unknown error')
    throw failure(502, 'mail_failed', 'The invitation is saved, but the mail could not be sent; send it again in a moment', { invitation: issued.invitation })
  }
}

/** The mail that carries the token. Names are people's own words: escaped in the HTML part, on one line in the subject. */
export function invitationMail(teamName: string, { invitation, token }: IssuedInvitation, siteUrl: string): Mail {
  const inviter = invitation.invited_by ?? 'Somebody'
  const subject = headerText(`${inviter} invited you to ${teamName} on Switchboard`, 300)
  const letter: Letter = {
    preview: `Join as ${invitation.role}`,
    from: teamName,
    blocks: [
      { kind: 'paragraph', text: `${inviter} invited you to ${teamName} on Switchboard.` },
      { kind: 'button', label: `Join as ${invitation.role}`, url: `${siteUrl.replace(/\/$/, '')}/invitations/${token}` }
    ],
    footer: 'The link works once, for 72 hours, and for this mailbox only. If you did not expect it, you can ignore this mail.'
  }
  return { to: invitation.email, subject, text: textPart(letter), html: htmlPart(letter, subject) }
}
