import { mailSender, sendMail } from '../adapters/mail'
import type { Caller } from '../domain/caller'
import { replyAddressMail } from '../domain/mail/reply-address-letter'
import { recordReplyAddressMail, type RequestedReplyAddress } from '../domain/reply-address'
import { getTeam } from '../domain/team'
import type { Run } from './auth'

/** The address of MAIL_FROM. */
export function senderAddress(): string {
  return mailSender().address
}

/**
 * Mails the link that proves a reply address, unless it was mailed already. Throws 502 `mail_failed` when the mail cannot be sent; the
 * address stays saved, and saving it again sends the mail again.
 */
export async function mailReplyAddress(db: Run, caller: Caller, { address, email, token }: RequestedReplyAddress): Promise<void> {
  if (!token) return
  const team = await db(tx => getTeam(tx, caller))
  try {
    await sendMail(await replyAddressMail(team.name, email, token, useRuntimeConfig().public.siteUrl))
  } catch (error) {
    console.error('A reply address could not be mailed:', error instanceof Error ? error.message : 'unknown error')
    throw failure(502, 'mail_failed', 'The address is saved, but the mail to prove it could not be sent; save it again in a moment', {
      reply_address: address
    })
  }
  try {
    await db(tx => recordReplyAddressMail(tx, caller.teamId, token))
  } catch (error) {
    // The mail was sent, so the request succeeds. The cost is that the same request mails again.
    console.error('A mail to a reply address could not be recorded:', error instanceof Error ? error.message : 'unknown error')
  }
}
