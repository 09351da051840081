import type { IssuedInvitation } from '../invitation'
import { oneLine } from './header'
import { renderLetter, type Letter, type MailParts } from './letter'
import { withoutLinks } from './stranger'

/** The mail with the link. For a new team, which may be a spammer, the subject has no names and the mail no links but ours. */
export async function invitationMail(
  team: { name: string; isNew: boolean },
  { invitation, token }: IssuedInvitation,
  siteUrl: string
): Promise<{ to: string; subject: string } & MailParts> {
  const safe = (name: string) => oneLine(team.isNew ? withoutLinks(name) : name)
  const inviter = safe(invitation.invited_by ?? '') || 'Somebody'
  const teamName = safe(team.name) || 'a team'
  const subject = team.isNew
    ? 'You are invited to a team on Switchboard'
    : oneLine(`${inviter} invited you to ${teamName} on Switchboard`, 300)
  const letter: Letter = {
    preview: `Join as ${invitation.role}`,
    from: teamName,
    blocks: [
      { kind: 'paragraph', text: `${inviter} invited you to ${teamName} on Switchboard.` },
      { kind: 'button', label: `Join as ${invitation.role}`, url: `${siteUrl.replace(/\/$/, '')}/invitations/${token}` }
    ],
    footer: 'The link works once, for 72 hours, and for this mailbox only. If you did not expect it, you can ignore this mail.'
  }
  return { to: invitation.email, subject, ...(await renderLetter(letter, subject)) }
}
