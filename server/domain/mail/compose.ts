import { sql } from 'kysely'
import { mailTexts } from '#shared/texts/mail'
import type { Db } from '../../db/types'
import { draftClientLetter } from './client-letter'
import { digest, newSecret } from '../secret'
import { displayName, oneLine } from './header'
import { renderLetter, ticketNumber, type Cancellation, type Draft } from './letter'
import { draftMemberLetter } from './member-letter'
import { draftParticipantInvitation } from './participant-invitation-letter'
import type { ClaimedMail, PartOutcome, Notified } from './claim'

export interface Envelope {
  to: string
  /** Null: the name of MAIL_FROM. */
  fromName: string | null
  /** Null: MAIL_FROM. */
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
  /** Without a slash at the end. */
  siteUrl: string
  /** The part of MAIL_FROM after the @: Message-IDs end in it. */
  mailHost: string
}

/** `parts`: the outcome of each mail in a digest; empty for other mails. */
export type Composed = ({ envelope: Envelope; notified: Notified } | Cancellation) & { parts: PartOutcome[] }

// Auto-Submitted: RFC 3834, 5. Exchange and old mailing lists look at the other two.
const automaticHeaders = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'Precedence': 'bulk' }

export async function composeMail(db: Db, mail: ClaimedMail, sites: Sites): Promise<Composed> {
  if (mail.kind === 'member_notice') {
    const draft = await draftMemberLetter(db, mail, sites.siteUrl)
    if ('cancelled' in draft) return { ...draft, parts: [] }
    const envelope = await makeEnvelope(db, mail, draft, { to: draft.to, isAutomatic: true }, sites)
    const headers = draft.isMember ? await listHeaders(db, mail, draft, sites) : {}
    return { envelope: { ...envelope, headers: { ...envelope.headers, ...headers } }, notified: {}, parts: [] }
  }
  if (mail.kind === 'participant_invitation') {
    const draft = await draftParticipantInvitation(db, mail, sites.siteUrl)
    if ('cancelled' in draft) return { ...draft, parts: [] }
    const envelope = await makeEnvelope(db, mail, draft, { to: mail.recipient, isAutomatic: true }, sites)
    return { envelope, notified: {}, parts: [] }
  }
  const draft = await draftClientLetter(db, mail, sites.siteUrl)
  if ('cancelled' in draft) return draft
  const { notified, parts, ticketId, isAutomatic, replyTo } = draft
  const envelope = await makeEnvelope(db, { ...mail, ticket_id: ticketId }, draft, { to: mail.recipient, isAutomatic }, sites)
  return { envelope: { ...envelope, replyTo }, notified, parts }
}

/**
 * Headers by which a member unsubscribes with one click in their mail client (RFC 2919, 2369 and 8058). Mails to clients must not have
 * them: they belong to a conversation.
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

/** Puts a mail about one ticket into its thread. The root of the thread is a Message-ID that no mail has, but every mail refers to. */
async function makeEnvelope(
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
    `${previous ? 'Re: ' : ''}${number === null ? '' : `[${ticketNumber(number)}] `}${oneLine(topic) || mailTexts(letter.locale ?? null)('subject.request')}`,
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
