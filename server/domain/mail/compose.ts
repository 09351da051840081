import { sql } from 'kysely'
import type { Db } from '../../db/types'
import { draftClientLetter } from './client-letter'
import { digest, newSecret } from '../secret'
import { displayName, oneLine } from './header'
import { renderLetter, ticketNumber, type Cancellation, type Draft } from './letter'
import { draftMemberLetter } from './member-letter'
import type { ClaimedMail, PartOutcome, Notified } from './claim'

/** A mail as a mail server gets it. */
export interface Envelope {
  to: string
  /** Null: the name of MAIL_FROM. */
  fromName: string | null
  /** Where answers go; null: to MAIL_FROM. */
  replyTo: string | null
  subject: string
  text: string
  html: string
  messageId: string
  inReplyTo: string
  references: string[]
  headers: Record<string, string>
  hasNullSender: boolean
}

export interface Sites {
  /** Where people open the product, without a slash at the end. */
  siteUrl: string
  /** The part of MAIL_FROM after the @: Message-IDs end in it. */
  mailHost: string
}

/** `parts`: what becomes of each mail in a digest; none in another. */
export type Composed = ({ envelope: Envelope; notified: Notified } | Cancellation) & { parts: PartOutcome[] }

// RFC 3834, 5; the others are what Exchange and old mailing lists heed.
const automaticHeaders = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'Precedence': 'bulk' }

/** Puts a mail of the outbox into words, of what is there at this moment. */
export async function composeMail(db: Db, mail: ClaimedMail, sites: Sites): Promise<Composed> {
  if (mail.kind === 'member_notice') {
    const draft = await draftMemberLetter(db, mail, sites.siteUrl)
    if ('cancelled' in draft) return { ...draft, parts: [] }
    const envelope = await seal(db, mail, draft, { to: draft.to, isAutomatic: true }, sites)
    const headers = draft.isMember ? await listHeaders(db, mail, draft, sites) : {}
    return { envelope: { ...envelope, headers: { ...envelope.headers, ...headers } }, notified: {}, parts: [] }
  }
  const draft = await draftClientLetter(db, mail, sites.siteUrl)
  if ('cancelled' in draft) return draft
  const { notified, parts, ticketId, isAutomatic, replyTo } = draft
  const envelope = await seal(db, { ...mail, ticket_id: ticketId }, draft, { to: mail.recipient, isAutomatic }, sites)
  return { envelope: { ...envelope, replyTo }, notified, parts }
}

/**
 * What lets a member end these mails by one click in their mail client (RFC 2919, 2369 and 8058). Never in a mail to a
 * client: those belong to a conversation.
 */
async function listHeaders(
  db: Db,
  mail: ClaimedMail,
  { to, letter }: Draft & { to: string },
  { siteUrl, mailHost }: Sites
): Promise<Record<string, string>> {
  const token = newSecret()
  await sql`
    insert into private.unsubscribe_tokens (token_hash, team_id, user_id, recipient)
    values (${digest(token)}, ${mail.team_id}, ${mail.recipient_user_id}, ${to})`.execute(db)
  return {
    'List-Id': `${oneLine(letter.from, 60)
      .replace(/[^ -~]|[<>"\\]/g, '')
      .trim()} <notices.${mail.team_id}.${mailHost}>`.trim(),
    'List-Unsubscribe': `<${siteUrl}/unsubscribe/${token}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click'
  }
}

/** In the thread of the ticket, for who reads mails in threads: its root is no mail, but every mail refers to it. A mail about several is in none of theirs. */
async function seal(
  db: Db,
  mail: ClaimedMail,
  { topic, number, fromName, letter }: Draft,
  { to, isAutomatic }: { to: string; isAutomatic: boolean },
  { mailHost }: Sites
): Promise<Envelope> {
  const thread = number === null ? null : mail.ticket_id
  const previous = thread ? await lastSent(db, mail, thread) : undefined
  const root = `<${thread ? `ticket.${thread}` : `team.${mail.team_id}`}@${mailHost}>`
  const last = previous ? `<${previous}@${mailHost}>` : root
  const subject = oneLine(
    `${previous ? 'Re: ' : ''}${number === null ? '' : `[${ticketNumber(number)}] `}${oneLine(topic) || 'Your request'}`,
    300
  )
  return {
    to,
    fromName: (fromName && displayName(fromName, 120)) || null,
    replyTo: null,
    subject,
    ...(await renderLetter(letter, subject)),
    messageId: `<${mail.id}@${mailHost}>`,
    inReplyTo: last,
    references: previous ? [root, last] : [root],
    headers: isAutomatic ? automaticHeaders : {},
    hasNullSender: mail.kind === 'ticket_received'
  }
}

async function lastSent(db: Db, { team_id, recipient }: ClaimedMail, ticketId: string): Promise<string | undefined> {
  const row = await db
    .selectFrom('mails')
    .select('id')
    .where('team_id', '=', team_id)
    .where('ticket_id', '=', ticketId)
    .where('recipient', '=', recipient)
    .where('state', '=', 'sent')
    .orderBy('sent_at', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.id
}
