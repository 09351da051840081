import { portalTexts } from '#shared/texts/portal'
import type { PortalLocale } from '#shared/types/portal'
import { oneLine } from './header'
import { renderLetter, type MailParts } from './letter'

/** The mail with the link that signs a client in. */
export async function portalSignInMail(
  to: string,
  team: { name: string; color: string | null },
  link: { url: string; locale: PortalLocale }
): Promise<{ to: string; subject: string } & MailParts> {
  const { mail } = portalTexts(link.locale)
  const name = oneLine(team.name)
  const subject = oneLine(mail.subject(name), 300)
  const parts = await renderLetter(
    {
      preview: mail.preview,
      from: name,
      blocks: [
        { kind: 'paragraph', text: mail.text(name) },
        { kind: 'button', label: mail.button, url: link.url }
      ],
      footer: mail.footer,
      locale: link.locale,
      color: team.color
    },
    subject
  )
  return { to, subject, ...parts }
}
