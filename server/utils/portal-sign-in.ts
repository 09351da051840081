import { createHash } from 'node:crypto'
import type { H3Event } from 'h3'
import type { PortalLocale, PortalTeam } from '#shared/types/portal'
import { generateMagicLink } from '../adapters/auth'
import { sendMail } from '../adapters/mail'
import { takeBudgets } from '../db/budgets'
import { portalSignInMail } from '../domain/mail/portal-letter'

/** What signing in needs before anybody is known, past row-level security. */
export interface SignInLinks {
  /** The contact with an address; undefined for none. */
  findContact: (teamId: string, address: string) => Promise<{ locale: PortalLocale | null } | undefined>
  /** Call it for each link, so that agents can revoke it. */
  record: (teamId: string, address: string, token: string) => Promise<void>
}

/** Counts a request for a link by its network. Returns the seconds to wait, or null. */
export async function spendSignIn(event: H3Event): Promise<number | null> {
  const spent = await translateErrors(() =>
    takeBudgets([{ kind: 'portal_sign_in', subject: `address:${clientNetwork(event)}`, amount: 60, seconds: 3_600, burst: 20 }])
  )
  return spent.at(-1)?.wait ?? null
}

/**
 * Mails a link that signs in, if the address belongs to a contact of the team and its mailbox got fewer than one link a minute and five
 * an hour. Runs after the answer, so that neither the answer nor its time reveals whether there is such a contact.
 */
export function mailSignInLink(
  event: H3Event,
  team: PortalTeam,
  { email, locale, ticket }: { email: string; locale: PortalLocale; ticket: number | null },
  links: SignInLinks
): void {
  const work = async () => {
    const contact = await links.findContact(team.id, email)
    if (!contact) return
    const subject = `mailbox:${createHash('sha256').update(email).digest('hex')}`
    const spent = await takeBudgets([
      { kind: 'portal_mail_minute', subject, amount: 1, seconds: 60, burst: 1 },
      { kind: 'portal_mail_hour', subject, amount: 5, seconds: 3_600, burst: 5 }
    ])
    if (spent.some(({ wait }) => wait !== null)) return
    const url = new URL(`/portal/${team.slug}/confirm`, useRuntimeConfig().public.siteUrl)
    const token = await generateMagicLink(authServer('admin'), email)
    await links.record(team.id, email, token)
    url.searchParams.set('token_hash', token)
    url.searchParams.set('lang', contact.locale ?? locale)
    if (ticket !== null) url.searchParams.set('ticket', String(ticket))
    await sendMail(await portalSignInMail(email, team, { url: url.href, locale: contact.locale ?? locale }))
  }
  event.waitUntil(
    work().catch((error: unknown) => {
      console.error('A link to sign in to the portal could not be mailed:', error instanceof Error ? error.message : 'unknown error')
    })
  )
}
