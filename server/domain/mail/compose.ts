import type { Db } from '../../db/types'
import { draftClientLetter } from './client-letter'
import { headerText, htmlPart, textPart, ticketNumber, type Cancellation, type Draft } from './letter'
import { draftMemberLetter } from './member-letter'
import type { ClaimedMail, Told } from './send'

/** A mail as a mail server gets it. */
export interface Envelope {
  to: string
  fromName: string
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

export type Composed = { envelope: Envelope, told: Told } | Cancellation

// RFC 3834, 5; the others are what Exchange and old mailing lists heed.
const automaticHeaders = { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All', 'Precedence': 'bulk' }

/** Puts a mail of the outbox into words, of what is there at this moment. */
export async function composeMail(db: Db, mail: ClaimedMail, sites: Sites): Promise<Composed> {
  if (mail.kind === 'member_notice') {
    const draft = await draftMemberLetter(db, mail, sites.siteUrl)
    return 'cancelled' in draft ? draft : { envelope: await seal(db, mail, draft, draft.to, sites), told: {} }
  }
  const draft = await draftClientLetter(db, mail, sites.siteUrl)
  return 'cancelled' in draft ? draft : { envelope: await seal(db, mail, draft, mail.recipient, sites), told: draft.told }
}

/** In the thread of the ticket, for who reads mails in threads: its root is no mail, but every mail refers to it. */
async function seal(db: Db, mail: ClaimedMail, { topic, number, fromName, letter }: Draft, to: string, { mailHost }: Sites): Promise<Envelope> {
  const thread = number === null ? null : mail.ticket_id
  const previous = thread ? await lastSent(db, mail, thread) : undefined
  const root = `<${thread ? `ticket.${thread}` : `team.${mail.team_id}`}@${mailHost}>`
  const last = previous ? `<${previous}@${mailHost}>` : root
  const subject = headerText(`${previous ? 'Re: ' : ''}${number === null ? '' : `[${ticketNumber(number)}] `}${topic}`, 300)
  return {
    to,
    fromName: headerText(fromName, 120),
    subject,
    text: textPart(letter),
    html: htmlPart(letter, subject),
    messageId: `<${mail.id}@${mailHost}>`,
    inReplyTo: last,
    references: previous ? [root, last] : [root],
    headers: mail.kind === 'public_reply' ? {} : automaticHeaders,
    hasNullSender: mail.kind === 'ticket_received'
  }
}

async function lastSent(db: Db, { team_id, recipient }: ClaimedMail, ticketId: string): Promise<string | undefined> {
  const row = await db.selectFrom('mails').select('id').where('team_id', '=', team_id).where('ticket_id', '=', ticketId).where('recipient', '=', recipient).where('state', '=', 'sent')
    .orderBy('sent_at', 'desc').limit(1).executeTakeFirst()
  return row?.id
}
