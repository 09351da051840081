import { oneLine } from './header'
import { renderLetter, type Letter, type MailParts } from './letter'
import { withoutLinks } from './stranger'

/** Asks the reader of `email` for consent to receive the answers of a team's clients. The subject has no text of people. */
export async function replyAddressMail(
  teamName: string,
  email: string,
  token: string,
  siteUrl: string
): Promise<{ to: string; subject: string } & MailParts> {
  const name = oneLine(withoutLinks(teamName)) || 'A team'
  const subject = "Receive the answers of a team's clients?"
  const letter: Letter = {
    preview: subject,
    from: 'Switchboard',
    blocks: [
      { kind: 'paragraph', text: `${name} wants the answers of its clients to arrive in this mailbox.` },
      { kind: 'button', label: 'Review the request', url: `${siteUrl.replace(/\/$/, '')}/reply-address/${token}` }
    ],
    footer: 'The link works for 72 hours. If you do not know this team, ignore this mail: without your consent nothing is sent here.'
  }
  return { to: email, subject, ...(await renderLetter(letter, subject)) }
}
