import { sql } from 'kysely'
import type { ReplyAddress, ReplyAddressProof } from '#shared/types/api'
import type { Db } from '../db/types'
import { notFound, Refusal } from './refusal'
import { digest, newSecret } from './secret'

/** A reply address that waits for its proof, and the token of the mail that asks for it; null where that was mailed already. */
export interface RequestedReplyAddress {
  address: ReplyAddress
  email: string
  token: string | null
}

/** The reply address in use and the one that waits for its proof. Throws 403 without `team.update`. */
export async function getReplyAddress(db: Db, teamId: string): Promise<ReplyAddress> {
  const {
    rows: [address]
  } = await sql<ReplyAddress>`select * from private.reply_address(${teamId})`.execute(db)
  if (!address) throw notFound()
  return address
}

/**
 * Asks for another reply address, by a link that works for 72 hours. The same address within ten minutes is not asked again. Throws 422 `own_address` for `senderAddress`, which
 * reads nothing, and 429 `mail_budget` where the team mailed too many strangers.
 */
export async function requestReplyAddress(db: Db, teamId: string, email: string, senderAddress: string): Promise<RequestedReplyAddress> {
  if (email === senderAddress)
    throw new Refusal(422, 'own_address', 'This is the address from which mails are sent', {
      issues: [{ path: 'email', message: 'Name another mailbox than the one that sends' }]
    })
  const token = newSecret()
  const {
    rows: [requested]
  } = await sql<{ is_new: boolean }>`select private.request_reply_address(${teamId}, ${email}, ${digest(token)}) as is_new`.execute(db)
  return { address: await getReplyAddress(db, teamId), email, token: requested!.is_new ? token : null }
}

/** The mail server took the mail with this token: the same address is not mailed again for ten minutes. */
export async function recordReplyAddressMail(db: Db, teamId: string, token: string): Promise<void> {
  await sql`select private.record_reply_address_mail(${teamId}, ${digest(token)})`.execute(db)
}

/** Mails carry no reply address any more; a request for one ends. */
export async function clearReplyAddress(db: Db, teamId: string): Promise<void> {
  await sql`select private.clear_reply_address(${teamId})`.execute(db)
}

/** What the holder of a token sees before agreeing. Throws 404 once it is used, replaced or older than 72 hours. */
export async function previewReplyAddress(db: Db, token: string): Promise<ReplyAddressProof> {
  const {
    rows: [proof]
  } = await sql<ReplyAddressProof>`select * from private.reply_address_preview(${digest(token)})`.execute(db)
  if (!proof) throw notFound()
  return proof
}

/** The answers of clients go to the token's address from now on. Throws 404 for a token that is not valid any more. */
export async function confirmReplyAddress(db: Db, token: string): Promise<ReplyAddressProof> {
  const {
    rows: [proof]
  } = await sql<ReplyAddressProof>`select * from private.confirm_reply_address(${digest(token)})`.execute(db)
  return proof!
}
