import type { H3Event } from 'h3'
import { sendMail } from '../adapters/mail'
import type { Caller } from '../domain/caller'
import type { IssuedInvitation } from '../domain/invitation'
import { invitationMail } from '../domain/mail/invitation-letter'
import { getMailBudget } from '../domain/mail/budget'
import { getTeam } from '../domain/team'
import type { Run } from './auth'

/** Mails a committed invitation. Throws 502 `mail_failed` when the mail cannot be sent; the invitation stays and can be resent. */
export async function mailInvitation(event: H3Event, db: Run, caller: Caller, issued: IssuedInvitation): Promise<void> {
  const team = await db(async tx => ({
    name: (await getTeam(tx, caller)).name,
    isNew: (await getMailBudget(tx, caller.teamId)).level === 'new'
  }))
  try {
    await runOncePerKey(event, async () => sendMail(await invitationMail(team, issued, useRuntimeConfig().public.siteUrl)))
  } catch (error) {
    console.error('An invitation could not be mailed:', error instanceof Error ? error.message : 'unknown error')
    throw failure(502, 'mail_failed', 'The invitation is saved, but the mail could not be sent; send it again in a moment', {
      invitation: issued.invitation
    })
  }
}
