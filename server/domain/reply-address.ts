import { sql } from 'kysely'
import type { ReplyAddress, ReplyAddressProof } from '#shared/types/api'
import type { Db } from '../db/types'
import { notFound, Refusal } from './refusal'
import { digest, newSecret } from './secret'

/** A reply address that waits for its proof. `token`: for the link in the mail; null when the link was mailed already. */
export interface RequestedReplyAddress {
  address: ReplyAddress
  email: string
  token: string | null
}

export async function getReplyAddress(db: Db, teamId: string): Promise<ReplyAddress> {
  const {
    rows: [address]
  } = await sql<ReplyAddress>`select * from private.reply_address(${teamId})`.execute(db)
  if (!address) throw notFound()
  return address
}

/**
 * Requests another reply address, which its reader confirms by a link within 72 hours. Repeating the request within ten minutes returns no
 * token. Throws 422 `own_address` for `senderAddress`, which nobody reads, and 429 `mail_budget` when the team mailed too many strangers.
 */
export async function requestReplyAddress(db: Db, teamId: string, email: string, senderAddress: string): Promise<RequestedReplyAddress> {
  if (email === senderAddress)
    throw new Refusal(422, 'own_address', 'This is the address from which mails are sent', {
      issues: [{ path: 'email', message: 'Enter an address other than the one that sends the mails' }]
    })
  const token = newSecret()
  const {
    rows: [requested]
  } = await sql<{ is_new: boolean }>`select private.request_reply_address(${teamId}, ${email}, ${digest(token)}) as is_new`.execute(db)
  return { address: await getReplyAddress(db, teamId), email, token: requested!.is_new ? token : null }
}

/** Call it when the mail with this token was sent: for ten minutes the same address is not mailed again. */
export async function recordReplyAddressMail(db: Db, teamId: string, token: string): Promise<void> {
  await sql`select private.record_reply_address_mail(${teamId}, ${digest(token)})`.execute(db)
}

export async function clearReplyAddress(db: Db, teamId: string): Promise<void> {
  await sql`select private.clear_reply_address(${teamId})`.execute(db)
}

/** Throws 404 for a token that is used, replaced or older than 72 hours. */
export async function previewReplyAddress(db: Db, token: string): Promise<ReplyAddressProof> {
  const {
    rows: [proof]
  } = await sql<ReplyAddressProof>`select * from private.reply_address_preview(${digest(token)})`.execute(db)
  if (!proof) throw notFound()
  return proof
}

/** Makes the token's address the reply address. Throws 404 for a token that is no longer valid. */
export async function confirmReplyAddress(db: Db, token: string): Promise<ReplyAddressProof> {
  const {
    rows: [proof]
  } = await sql<ReplyAddressProof>`select * from private.confirm_reply_address(${digest(token)})`.execute(db)
  return proof!
}
