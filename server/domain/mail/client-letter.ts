import { sql } from 'kysely'
import { email } from '#shared/schemas/text'
import type { TicketStatus } from '#shared/ticket'
import type { Locale } from '#shared/texts/locale'
import { mailTexts, type MailTexts } from '#shared/texts/mail'
import { ratingTexts } from '#shared/texts/rating'
import { mentionedIds } from '#shared/utils/mentions'
import type { Db } from '../../db/types'
import { requestRating } from '../rating'
import { issueTicketLink } from '../ticket-link'
import { forStranger } from './stranger'
import { previewOf, ticketNumber, type Block, type Cancellation, type Draft, type Letter } from './letter'
import { readMessages, type ReadMessage } from './messages'
import type { ClaimedMail, PartOutcome, Notified } from './claim'

interface Ticket {
  id: string
  team_id: string
  ticket_number: number
  subject: string
  status: TicketStatus
  channel: string
  requester_email: string | null
  requester_name: string | null
  contact_id: string | null
  /** The language of the contact. */
  locale: Locale | null
  assigned_to: string | null
  assignee_name: string | null
  team_name: string
  portal_color: string | null
  reply_to_email: string | null
  is_stranger: boolean
  isParticipant?: boolean
}

interface ClientUpdate {
  preview: string
  greeting?: Block
  blocks: Block[]
  /** What the client may want to answer. A sentence above the link says how. */
  ask?: 'answer' | 'missing' | 'reply'
  notified: Notified
  fromName?: string
}

interface Section {
  kind: ClaimedMail['kind']
  ticket: Ticket
  update: ClientUpdate
}

interface ClientDraft extends Draft {
  /** The ticket whose thread the mail belongs to; null for a mail about several. */
  ticketId: string | null
  /** It holds no text of a person. */
  isAutomatic: boolean
  notified: Notified
  replyTo: string | null
  parts: PartOutcome[]
}

/**
 * Drafts a mail to a client from the current state of its tickets. Never includes notes, nor more of a member than the name. A digest
 * contains the text of each mail that it carries, one after another.
 */
export async function draftClientLetter(
  db: Db,
  mail: ClaimedMail,
  siteUrl: string
): Promise<ClientDraft | (Cancellation & { parts: PartOutcome[] })> {
  const isDigest = mail.kind === 'digest'
  const sections: Section[] = []
  const parts: PartOutcome[] = []
  const notifiedByTicket = new Map<string, Notified>()
  for (const part of isDigest ? await readParts(db, mail) : [mail]) {
    const section = await draftSection(db, part, notifiedByTicket.get(part.ticket_id!) ?? {}, siteUrl)
    if ('cancelled' in section) {
      if (!isDigest) return { ...section, parts }
      parts.push({ id: part.id, ...section })
      continue
    }
    const { notified } = section.update
    sections.push(section)
    parts.push({ id: part.id, notified })
    notifiedByTicket.set(section.ticket.id, { ...notifiedByTicket.get(section.ticket.id), ...notified })
  }
  const [first] = sections
  if (!first) return { cancelled: 'None of its mails is needed any more', parts }
  const isAboutOne = sections.every(({ ticket }) => ticket.id === first.ticket.id)
  const links = await issueLinks(db, sections, siteUrl)
  return {
    ...(isAboutOne ? writeTicketLetter(sections, first, links) : writeDigest(sections, first, links)),
    ticketId: isAboutOne ? first.ticket.id : null,
    isAutomatic: sections.every(({ kind }) => kind !== 'public_reply'),
    notified: isDigest ? {} : first.update.notified,
    replyTo: first.ticket.reply_to_email,
    parts: isDigest ? parts : []
  }
}

async function draftSection(db: Db, mail: ClaimedMail, justNotified: Notified, siteUrl: string): Promise<Section | Cancellation> {
  const found = mail.ticket_id ? await findTicket(db, mail.team_id, mail.ticket_id) : undefined
  if (!found) return { cancelled: 'The ticket was deleted' }
  const isForRequester = email.safeParse(found.requester_email).data === mail.recipient
  const ticket = isForRequester ? found : mail.kind === 'public_reply' ? await forParticipant(db, found, mail.recipient) : undefined
  if (!ticket) return { cancelled: mail.kind === 'public_reply' ? 'They do not take part any more' : 'The requester has changed' }
  if (await isOwnAddress(db, mail)) return { cancelled: 'The address belongs to a member, to the team or to Switchboard' }
  const update = await draftUpdate(db, mail, ticket, justNotified, siteUrl)
  return 'cancelled' in update ? update : { kind: mail.kind, ticket, update }
}

/** A link to each ticket, by its id. Tickets without a contact have none. */
async function issueLinks(db: Db, sections: Section[], siteUrl: string): Promise<Map<string, string>> {
  const links = new Map<string, string>()
  for (const { ticket } of sections) {
    if (!ticket.contact_id || links.has(ticket.id)) continue
    const path = await issueTicketLink(db, { teamId: ticket.team_id, ticketId: ticket.id, contactId: ticket.contact_id })
    links.set(ticket.id, `${siteUrl}${path}`)
  }
  return links
}

/** The end of the news about one ticket: how the client can answer, and the link. */
function endOf(sections: Section[], links: Map<string, string>): Block[] {
  const { ticket } = sections[0]!
  const t = textsFor(ticket)
  const url = links.get(ticket.id)
  const ask = sections.findLast(({ update }) => update.ask)?.update.ask
  const way = ticket.reply_to_email ? (url ? 'mailOrLink' : 'mail') : url ? 'link' : null
  // A reply needs no invitation to answer, but a warning if mails do not reach the team.
  const sentence = !ask || !way ? null : ask !== 'reply' ? t(`${ask}.${way}`) : way === 'link' ? t('reply.link') : null
  return [...(sentence ? [paragraph(sentence)] : []), ...(url ? [{ kind: 'button' as const, label: t('link'), url }] : [])]
}

function writeTicketLetter(sections: Section[], { kind, ticket, update: { preview } }: Section, links: Map<string, string>): Draft {
  const t = textsFor(ticket)
  const number = ticketNumber(ticket.ticket_number)
  // Anybody can send a request in the name of any address. An acknowledgement must not repeat their words to that address.
  const isUnverified = kind === 'ticket_received' && (ticket.channel === 'portal' || ticket.channel === 'email')
  const greeting = sections.find(({ update }) => update.greeting)?.update.greeting
  const names = new Set(sections.map(({ update }) => update.fromName ?? ticket.team_name))
  const letter: Letter = {
    preview,
    from: ticket.team_name,
    blocks: [...(greeting ? [greeting] : []), ...sections.flatMap(({ update }) => update.blocks), ...endOf(sections, links)],
    footer: t(ticket.isParticipant ? 'footer.participant' : 'footer.request', { number, team: ticket.team_name }),
    locale: ticket.locale ?? undefined,
    color: ticket.portal_color
  }
  const draft: Draft = {
    topic: isUnverified ? t('subject.received') : ticket.subject,
    number: ticket.ticket_number,
    fromName: names.size === 1 ? [...names][0]! : ticket.team_name,
    letter
  }
  return ticket.is_stranger ? forStranger(draft, t(kind === 'ticket_received' ? 'subject.received' : 'subject.request')) : draft
}

function writeDigest(sections: Section[], { ticket }: Section, links: Map<string, string>): Draft {
  const t = textsFor(ticket)
  const { team_name, requester_name, reply_to_email, is_stranger } = ticket
  const byTicket = Map.groupBy(sections, ({ ticket }) => ticket.id)
  const numbers = [...byTicket.values()].map(([section]) => ticketNumber(section!.ticket.ticket_number))
  const sentence = t('digest', { count: numbers.length, team: team_name })
  const letter: Letter = {
    preview: sentence,
    from: team_name,
    blocks: [
      greet(t, requester_name),
      paragraph(reply_to_email ? `${sentence} ${t('digest.answer')}` : sentence),
      ...[...byTicket.values()].flatMap((about): Block[] => {
        const { ticket } = about[0]!
        return [
          { kind: 'heading', text: `${ticketNumber(ticket.ticket_number)} ${ticket.subject}` },
          ...about.flatMap(({ update }) => update.blocks.map(block => withoutRequest(block, t))),
          ...endOf(about, links)
        ]
      })
    ],
    footer: t('footer.requests', { numbers: listNumbers(t, numbers), team: team_name }),
    locale: ticket.locale ?? undefined,
    color: ticket.portal_color
  }
  const shown = numbers.length > 3 ? [...numbers.slice(0, 2), t('list.more', { count: numbers.length - 2 })] : numbers
  const draft: Draft = {
    topic: t('subject.requests', { numbers: listNumbers(t, shown) }),
    number: null,
    fromName: team_name,
    letter
  }
  return is_stranger ? forStranger(draft, draft.topic) : draft
}

function listNumbers(t: MailTexts, numbers: string[]): string {
  return numbers.length === 1 ? numbers[0]! : t('list', { first: numbers.slice(0, -1).join(', '), last: numbers.at(-1)! })
}

function withoutRequest(block: Block, t: MailTexts): Block {
  return block.kind === 'facts' ? { ...block, facts: block.facts.filter(([name]) => name !== t('label.request')) } : block
}

async function draftUpdate(
  db: Db,
  mail: ClaimedMail,
  ticket: Ticket,
  justNotified: Notified,
  siteUrl: string
): Promise<ClientUpdate | Cancellation> {
  const before = async () => ({ ...(await lastNotified(db, mail)), ...justNotified })
  switch (mail.kind) {
    case 'ticket_received':
      return draftReceived(ticket)
    case 'public_reply':
      return draftReplies(db, mail, ticket)
    case 'assigned':
      return draftAssigned(ticket, await before(), await assigneeBefore(db, mail))
    case 'rating_request':
      return draftRatingRequest(db, ticket, justNotified, siteUrl)
    default:
      return draftStatus(db, mail, ticket, await before())
  }
}

function draftReceived(ticket: Ticket): ClientUpdate | Cancellation {
  if (isOver(ticket.status)) return { cancelled: 'The request is over' }
  const t = textsFor(ticket)
  return {
    preview: t('received.preview', { team: ticket.team_name }),
    greeting: greet(t, null),
    blocks: [paragraph(t('received', { team: ticket.team_name, number: ticketNumber(ticket.ticket_number) }))],
    notified: { status: 'open' }
  }
}

async function draftReplies(db: Db, mail: ClaimedMail, ticket: Ticket): Promise<ClientUpdate | Cancellation> {
  const messages = (
    await readMessages(
      db,
      mail.team_id,
      mail.events.flatMap(({ reply_id }) => reply_id ?? [])
    )
  ).filter(({ ticket_id, is_internal }) => ticket_id === ticket.id && !is_internal)
  if (messages.length === 0) return { cancelled: 'Its replies were deleted' }
  const t = textsFor(ticket)
  const blocks = messages.map(({ block }) => nameFormerMembers(block, t))
  const authors = [...new Set(messages.map(({ author }) => author))]
  return {
    preview: previewOf(blocks[0]!),
    fromName: authors.length === 1 ? `${authors[0]} (${ticket.team_name})` : undefined,
    blocks: [
      ...blocks,
      ...(mail.more > 0 ? [paragraph(t('replies.more', { count: mail.more }))] : []),
      {
        kind: 'facts',
        facts: [
          [t('label.request'), `${ticketNumber(ticket.ticket_number)} ${ticket.subject}`],
          [t('label.status'), t(`status.${ticket.status}`)]
        ]
      }
    ],
    ask: 'reply',
    // A separate mail reports the end of a request.
    notified: isOver(ticket.status) ? {} : { status: ticket.status }
  }
}

function nameFormerMembers(block: ReadMessage['block'], t: MailTexts): ReadMessage['block'] {
  const known = new Set(block.people.map(({ id }) => id))
  const former = mentionedIds(block.source).filter(id => !known.has(id))
  return { ...block, people: [...block.people, ...former.map(id => ({ id, full_name: t('formerMember') }))] }
}

function draftAssigned(ticket: Ticket, before: Notified, assigneeBefore: string | null): ClientUpdate | Cancellation {
  if (!ticket.assigned_to || !ticket.assignee_name) return { cancelled: 'Nobody is assigned any more' }
  if (isOver(ticket.status)) return { cancelled: 'The request is over' }
  if (before.assignee_id === ticket.assigned_to) return { cancelled: 'The client knows this already' }
  if (!before.assignee_id && assigneeBefore === ticket.assigned_to) return { cancelled: 'The assignment was undone' }
  const isWorking = ticket.status === 'in_progress'
  const sentence = textsFor(ticket)(isWorking ? 'assigned.working' : 'assigned', {
    name: ticket.assignee_name,
    number: ticketNumber(ticket.ticket_number)
  })
  return {
    preview: sentence,
    greeting: greet(textsFor(ticket), ticket.requester_name),
    blocks: [paragraph(sentence)],
    notified: { assignee_id: ticket.assigned_to, ...(isWorking && { status: 'in_progress' }) }
  }
}

async function draftRatingRequest(db: Db, ticket: Ticket, justNotified: Notified, siteUrl: string): Promise<ClientUpdate | Cancellation> {
  if (!isOver(ticket.status)) return { cancelled: 'The request is open again' }
  const request = await requestRating(db, ticket.team_id, ticket.id)
  if ('refusal' in request) return { cancelled: request.refusal }
  const t = textsFor(ticket)
  const sentence = t('changed.resolved', { number: ticketNumber(ticket.ticket_number) })
  const wasReported = justNotified.status === 'resolved' || justNotified.status === 'closed' // above, in the same digest
  return {
    preview: `${sentence} ${ratingTexts(ticket.locale)('title')}`,
    greeting: greet(t, ticket.requester_name),
    blocks: [...(wasReported ? [] : [paragraph(sentence)]), { kind: 'stars', url: `${siteUrl}/rate/${request.token}` }],
    notified: {}
  }
}

async function draftStatus(db: Db, mail: ClaimedMail, ticket: Ticket, before: Notified): Promise<ClientUpdate | Cancellation> {
  const { status } = ticket
  if (before.status === status || (status === 'open' && !before.status)) return { cancelled: 'The client knows this already' }
  if (status === 'in_progress' && (await waitsForAssignee(db, mail))) return { cancelled: 'The mail about the assignee says so' }
  const t = textsFor(ticket)
  const number = ticketNumber(ticket.ticket_number)
  const isAgain = (status === 'open' || status === 'in_progress') && (before.status === 'resolved' || before.status === 'closed')
  const sentence = t(isAgain ? `changed.${status}.again` : `changed.${status}`, { number })
  return {
    preview: sentence,
    greeting: greet(t, ticket.requester_name),
    blocks: [paragraph(sentence)],
    ask: status === 'waiting' ? 'answer' : status === 'resolved' ? 'missing' : undefined,
    notified: { status }
  }
}

/** Whether a mail that names the assignee waits for this client, about the same ticket. */
async function waitsForAssignee(db: Db, { team_id, ticket_id, recipient }: ClaimedMail): Promise<boolean> {
  const waiting = await db
    .selectFrom('mails')
    .select('id')
    .where('team_id', '=', team_id)
    .where('ticket_id', '=', ticket_id)
    .where('recipient', '=', recipient)
    .where('kind', '=', 'assigned')
    .where('state', '=', 'waiting')
    .executeTakeFirst()
  return waiting !== undefined
}

function textsFor({ locale }: Ticket): MailTexts {
  return mailTexts(locale)
}

function isOver(status: TicketStatus): boolean {
  return status === 'resolved' || status === 'closed'
}

function paragraph(text: string): Block {
  return { kind: 'paragraph', text }
}

function greet(t: MailTexts, name: string | null): Block {
  return paragraph(name ? t('greeting', { name }) : t('greeting.unnamed'))
}

async function readParts(db: Db, { id, team_id }: ClaimedMail): Promise<ClaimedMail[]> {
  const { rows } = await sql<ClaimedMail>`
    select part.id, part.team_id, part.ticket_id, part.kind, part.recipient, part.recipient_user_id, part.data -> 'events' as events, 0 as more
    from mails as part where part.team_id = ${team_id} and part.carrier_id = ${id} order by part.event_id, part.kind = 'rating_request', part.id`.execute(
    db
  )
  return rows
}

async function findTicket(db: Db, teamId: string, ticketId: string): Promise<Ticket | undefined> {
  return (await db
    .selectFrom('tickets as ticket')
    .innerJoin('teams as team', 'team.id', 'ticket.team_id')
    .leftJoin('profiles as assignee', 'assignee.id', 'ticket.assigned_to')
    .leftJoin('contacts as contact', 'contact.id', 'ticket.contact_id')
    .select([
      'ticket.id',
      'ticket.team_id',
      'ticket.ticket_number',
      'ticket.subject',
      'ticket.status',
      'ticket.channel',
      'ticket.requester_email',
      'ticket.requester_name',
      'ticket.contact_id',
      'contact.locale',
      'ticket.assigned_to',
      'assignee.full_name as assignee_name',
      'team.name as team_name',
      'team.portal_color',
      'team.reply_to_email'
    ])
    .select(
      sql<boolean>`(private.mail_limits(ticket.team_id)).level = 'new' and not private.is_known_mailbox(ticket.team_id, ticket.requester_email)`.as(
        'is_stranger'
      )
    )
    .where('ticket.team_id', '=', teamId)
    .where('ticket.id', '=', ticketId)
    .executeTakeFirst()) as Ticket | undefined
}

/** The ticket as a participant with this address gets it: with their name, language and link. Undefined if they do not take part. */
async function forParticipant(db: Db, ticket: Ticket, address: string): Promise<Ticket | undefined> {
  const {
    rows: [reader]
  } = await sql<Pick<Ticket, 'contact_id' | 'requester_name' | 'locale' | 'is_stranger'>>`
    select contact.id as contact_id, contact.name as requester_name, contact.locale,
      (private.mail_limits(contact.team_id)).level = 'new' and not private.is_known_mailbox(contact.team_id, entry.address) as is_stranger
    from contact_addresses as entry join contacts as contact on contact.id = entry.contact_id
    where entry.team_id = ${ticket.team_id} and entry.address = ${address} and contact.blocked_at is null and contact.erased_at is null
      and exists (select from private.participations(contact.team_id, contact.id) as part where part.ticket_id = ${ticket.id})`.execute(db)
  return reader && { ...ticket, ...reader, requester_email: address, isParticipant: true }
}

async function assigneeBefore(db: Db, { team_id, events: [first] }: ClaimedMail): Promise<string | null> {
  const row = await db
    .selectFrom('ticket_events')
    .select(sql<string | null>`"from" ->> 'id'`.as('id'))
    .where('team_id', '=', team_id)
    .where(sql<boolean>`id = ${first!.id}::bigint`)
    .executeTakeFirst()
  return row?.id ?? null
}

async function isOwnAddress(db: Db, { team_id, recipient }: ClaimedMail): Promise<boolean> {
  const { rows } = await sql<{ is_own: boolean }>`select private.is_own_address(${team_id}, ${recipient}) as is_own`.execute(db)
  return rows[0]!.is_own
}

/** The status and the assignee that mails to this address last reported; resolved for a ticket that was imported as resolved. */
async function lastNotified(db: Db, { team_id, ticket_id, recipient }: ClaimedMail): Promise<Notified> {
  const {
    rows: [notified]
  } = await sql<{ status: string | null; assignee_id: string | null }>`
    select
      coalesce(
        (array_agg(mail.data ->> 'status' order by mail.sent_at desc, mail.event_id desc) filter (where mail.data ->> 'status' is not null))[1],
        (select 'resolved' from private.ticket_imports as import where import.team_id = ${team_id} and import.ticket_id = ${ticket_id} and import.resolved_at is not null)
      ) as status,
      (array_agg(mail.data ->> 'assignee_id' order by mail.sent_at desc, mail.event_id desc) filter (where mail.data ->> 'assignee_id' is not null))[1] as assignee_id
    from mails as mail where mail.team_id = ${team_id} and mail.ticket_id = ${ticket_id} and mail.recipient = ${recipient} and mail.sent_at is not null`.execute(
    db
  )
  return { status: notified!.status ?? undefined, assignee_id: notified!.assignee_id ?? undefined }
}
