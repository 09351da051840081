import type { IssuedInvitation } from '../invitation'
import { headerText, htmlPart, textPart, type Letter } from './letter'

/** The mail that carries the token. Names are people's own words: escaped in the HTML part, on one line in the subject. */
export function invitationMail(teamName: string, { invitation, token }: IssuedInvitation, siteUrl: string): { to: string, subject: string, text: string, html: string } {
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
