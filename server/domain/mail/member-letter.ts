import { plural } from '#shared/utils/plural'
import { sql } from 'kysely'
import { actorName, causeName } from '#shared/event'
import type { TextFormat } from '#shared/text-format'
import { clockNews, escalationNews, momentText } from '#shared/sla/receipt'
import type { ApiKeyReference, ClockReference, EventActor, EventCause, TicketEvent } from '#shared/schemas/event'
import type { TicketPriority, TicketStatus } from '#shared/ticket'
import type { Db } from '../../db/types'
import { actorNameOf } from '../author'
import { listRecipients } from '../notification/recipients'
import { previewOf, ticketNumber, type Block, type Cancellation, type Draft } from './letter'
import { fitReplies, readMessages, type ReadMessage } from './messages'
import type { MailEvent } from './enqueue'
import type { ClaimedMail } from './claim'

interface Ticket {
  id: string
  ticket_number: number
  subject: string
  description: string
  format: TextFormat
  status: TicketStatus
  priority: TicketPriority
  severity: number
  assigned_to: string | null
  snoozed_until: Date | null
  requester_name: string | null
}
interface EventDetail {
  id: string
  type: TicketEvent['type']
  to: unknown
  actor_id: string | null
  /** A member, an API key, or the policy whose escalation acted. */
  actor: string | null
  cause: EventCause | null
}
interface Recipient {
  email: string | null
  team_name: string
  slug: string
  time_zone: string
  is_member: boolean
}

interface Notice {
  event: { id: string; team_id: string; type: TicketEvent['type'] }
  ticket: Ticket | null
  actor: string
  preview: string
  blocks: Block[]
  isLeftOut: boolean
}

const longestDescription = 2_000

/**
 * Drafts a mail to a member from its events. Leaves out events that were undone, that the member has read in the app, or that their role
 * or preferences no longer allow.
 */
export async function draftMemberLetter(
  db: Db,
  mail: ClaimedMail,
  siteUrl: string
): Promise<(Draft & { to: string; isMember: boolean }) | Cancellation> {
  const person = await findRecipient(db, mail)
  // A former member is notified only of keys that acted as them.
  const events = person?.is_member ? mail.events : mail.events.filter(({ notice }) => notice === 'api_key')
  if (!person?.email || events.length === 0) return { cancelled: 'The recipient is not a member any more' }
  const unread = await findUnread(db, { ...mail, events })
  if (unread.length === 0) return { cancelled: 'The recipient has read it in the app' }
  const stillValid = await buildNotices(db, mail, unread, person, siteUrl)
  if (stillValid.length === 0) return { cancelled: 'Its events no longer apply' }
  const notices = await filterWanted(db, mail, stillValid)
  if (notices.length === 0) return { cancelled: 'The recipient does not want it by mail any more' }

  const tickets = [...new Map(notices.flatMap(({ ticket }) => (ticket ? [[ticket.id, ticket] as const] : []))).values()]
  const isDigest = tickets.length > 1 || (tickets.length === 1 && notices.some(({ ticket }) => !ticket))
  const actors = [...new Set(notices.map(({ actor }) => actor))]
  const blocks = [
    ...notices.filter(({ ticket }) => !ticket).flatMap(notice => notice.blocks),
    ...tickets.flatMap((ticket): Block[] => [
      ...(isDigest ? [{ kind: 'heading' as const, text: `${ticketNumber(ticket.ticket_number)} ${ticket.subject}` }] : []),
      ...notices.filter(notice => notice.ticket?.id === ticket.id).flatMap(notice => notice.blocks),
      ...omittedReplies(notices.filter(notice => notice.ticket?.id === ticket.id && notice.isLeftOut).length, ticket),
      { kind: 'button', label: `Open ${ticketNumber(ticket.ticket_number)}`, url: `${siteUrl}/t/${person.slug}/${ticket.ticket_number}` }
    ])
  ]
  return {
    to: person.email,
    isMember: person.is_member,
    topic: isDigest ? `${notices.length} updates in ${person.team_name}` : (tickets[0]?.subject ?? notices[0]!.preview),
    number: isDigest ? null : (tickets[0]?.ticket_number ?? null),
    fromName: actors.length === 1 && !isDigest ? `${actors[0]} (${person.team_name})` : person.team_name,
    letter: {
      preview: notices[0]!.preview,
      from: person.team_name,
      blocks,
      ...(person.is_member
        ? { footer: `You get this mail as a member of ${person.team_name}.`, settingsUrl: `${siteUrl}/settings/notifications` }
        : { footer: `You get this mail because you were a member of ${person.team_name}.` })
    }
  }
}

function omittedReplies(count: number, ticket: Ticket): Block[] {
  return count === 0
    ? []
    : [{ kind: 'paragraph', text: `${plural(count, '1 more reply is', '# more replies are')} in ${ticketNumber(ticket.ticket_number)}.` }]
}

async function findRecipient(db: Db, { team_id, recipient_user_id }: ClaimedMail): Promise<Recipient | undefined> {
  // Only proven addresses: no budget limits mails to members.
  const {
    rows: [person]
  } = await sql<Recipient>`
    select person.email, team.name as team_name, team.slug, team.time_zone, exists (select from team_members as member where member.team_id = team.id and member.user_id = person.id) as is_member
    from teams as team cross join profiles as person
    where team.id = ${team_id} and person.id = ${recipient_user_id}
      and exists (select from auth.users as account where account.id = person.id and account.email_confirmed_at is not null)`.execute(db)
  return person
}

async function findUnread(db: Db, { recipient_user_id, events }: ClaimedMail): Promise<MailEvent[]> {
  const { rows } = await sql<{ id: string }>`
    select event_id::text as id from notifications where user_id = ${recipient_user_id} and event_id = any (${events.map(({ id }) => id)}::bigint[]) and read_at is not null`.execute(
    db
  )
  const read = new Set(rows.map(({ id }) => id))
  return events.filter(({ id }) => !read.has(id))
}

/** Checks the recipient's role and preferences again, which may have changed since the mail was queued. */
async function filterWanted(db: Db, { recipient_user_id }: ClaimedMail, notices: Notice[]): Promise<Notice[]> {
  const recipients = await listRecipients(
    db,
    notices.map(({ event }) => event)
  )
  const wanted = new Set(recipients.filter(({ user_id, mail }) => mail && user_id === recipient_user_id).map(({ event }) => event.id))
  return notices.filter(({ event }) => wanted.has(event.id))
}

async function buildNotices(db: Db, mail: ClaimedMail, events: MailEvent[], person: Recipient, siteUrl: string): Promise<Notice[]> {
  const details = new Map((await readEvents(db, mail.team_id, events)).map(one => [one.id, one]))
  const tickets = new Map((await readTickets(db, mail.team_id, events)).map(one => [one.id, one]))
  const fits = await fitReplies(
    db,
    mail.team_id,
    events.flatMap(({ reply_id }) => reply_id ?? [])
  )
  const messages = new Map(
    (
      await readMessages(
        db,
        mail.team_id,
        [...fits.keys()].filter(id => fits.get(id))
      )
    ).map(one => [one.id, one])
  )
  return events.flatMap((event): Notice[] => {
    const detail = details.get(event.id)
    const ticket = event.ticket_id ? tickets.get(event.ticket_id) : null
    if (!detail || ticket === undefined) return []
    const message = event.reply_id ? messages.get(event.reply_id) : undefined
    const isLeftOut = event.reply_id ? fits.get(event.reply_id) === false : false
    const content = isLeftOut
      ? leftOutContent(detail)
      : ticket
        ? ticketNotice(event, detail, ticket, message, person, mail.recipient_user_id!)
        : teamNotice(detail, mail.recipient_user_id!, person, siteUrl)
    return content
      ? [
          {
            event: { id: event.id, team_id: mail.team_id, type: detail.type },
            ticket,
            actor: detail.actor ?? 'Switchboard',
            isLeftOut,
            ...content
          }
        ]
      : []
  })
}

type Content = Pick<Notice, 'preview' | 'blocks'>

function leftOutContent({ actor }: EventDetail): Content {
  return { preview: `${actor ?? 'Switchboard'} wrote a reply.`, blocks: [] }
}

function ticketNotice(
  { notice, reply_id }: MailEvent,
  { actor, cause, type, to }: EventDetail,
  ticket: Ticket,
  message: ReadMessage | undefined,
  { time_zone }: Recipient,
  userId: string
): Content | null {
  const who = actor ?? 'Switchboard'
  if (reply_id) {
    if (!message) return null
    const label = [message.is_internal && 'internal note', notice === 'mentioned' && 'mentions you'].filter(Boolean).join(', ')
    const block = { ...message.block, ...(label && { label }) }
    return { preview: previewOf(block), blocks: [block] }
  }
  if (notice === 'assigned') {
    if (ticket.assigned_to !== userId) return null
    return assignmentContent(`${who} assigned ${ticketNumber(ticket.ticket_number)} to you.`, ticket)
  }
  const isDone = ticket.status === 'resolved' || ticket.status === 'closed'
  if (notice === 'woken')
    return isDone || ticket.snoozed_until
      ? null
      : assignmentContent(`The snooze of ${ticketNumber(ticket.ticket_number)} has ended.`, ticket)
  if (notice === 'sla') {
    if (isDone) return null
    if (type === 'ticket.escalated') return assignmentContent(`${escalationNews(cause!)}: ${ticketNumber(ticket.ticket_number)}.`, ticket)
    const { metric, policy, due_at } = to as ClockReference
    const news = clockNews(metric, type === 'ticket.sla_breached')
    const content = assignmentContent(`${news}: ${ticketNumber(ticket.ticket_number)}.`, ticket)
    const due = due_at === null ? [] : [['Due', momentText(Date.parse(due_at), time_zone)] as [string, string]]
    return { ...content, blocks: [...content.blocks, { kind: 'facts', facts: [...due, ['Policy', policy]] }] }
  }
  if (!isDone) return null
  const sentence = `${who} resolved ${ticketNumber(ticket.ticket_number)}.`
  return { preview: sentence, blocks: [{ kind: 'paragraph', text: sentence }] }
}

function assignmentContent(sentence: string, ticket: Ticket): Content {
  const description = [...ticket.description]
  return {
    preview: sentence,
    blocks: [
      { kind: 'paragraph', text: sentence },
      {
        kind: 'message',
        author: ticket.requester_name ?? 'The request',
        source: description.length > longestDescription ? `${description.slice(0, longestDescription).join('')}…` : ticket.description,
        format: ticket.format,
        people: []
      },
      {
        kind: 'facts',
        facts: [
          ['Priority', ticket.priority[0]!.toUpperCase() + ticket.priority.slice(1)],
          ['Severity', `SEV ${ticket.severity}`]
        ]
      }
    ]
  }
}

function teamNotice(event: EventDetail, userId: string, person: Recipient, siteUrl: string): Content | null {
  const { type, to } = event
  if (type === 'api_key.created' || type === 'api_key.rotated') return keyNotice(event, userId, person, siteUrl)
  if (type !== 'webhook.disabled') return null
  const { name, reason } = to as { name: string; reason: string }
  return {
    preview: `The webhook ${name} was switched off`,
    blocks: [
      { kind: 'paragraph', text: `The webhook ${name} was switched off: ${reason}` },
      { kind: 'button', label: 'Open the webhooks', url: `${siteUrl}/settings/webhooks` }
    ]
  }
}

/** Goes to the member that the key acts as, and to its maker. */
function keyNotice(
  { type, to, actor_id, actor }: EventDetail,
  userId: string,
  { is_member, team_name }: Recipient,
  siteUrl: string
): Content {
  const { name, member, scopes } = to as ApiKeyReference
  const verb = type === 'api_key.created' ? 'made' : 'rotated'
  const [who, whom] = [
    actor_id === userId ? 'You' : (actor ?? 'Somebody'),
    member.id === userId ? (actor_id === userId ? 'yourself' : 'you') : (member.full_name ?? 'a deleted account')
  ]
  return {
    preview: member.id === userId ? 'An API key acts as you' : `An API key was ${verb}`,
    blocks: [
      { kind: 'paragraph', text: `${who} ${verb} the API key "${name}", which acts as ${whom}.` },
      { kind: 'facts', facts: [['Scopes', scopes.join(', ')]] },
      ...(is_member
        ? [
            {
              kind: 'paragraph' as const,
              text: 'If nobody should have this key, revoke it: whoever holds it can act in the team until then.'
            },
            { kind: 'button' as const, label: 'Open the API keys', url: `${siteUrl}/settings/api-keys` }
          ]
        : [
            {
              kind: 'paragraph' as const,
              text: `You are not a member of ${team_name} any more${member.id === userId ? ', so the key no longer works.' : '. Its owners can revoke the key.'}`
            }
          ])
    ]
  }
}

async function readEvents(db: Db, teamId: string, events: MailEvent[]): Promise<EventDetail[]> {
  const { rows } = await sql<EventDetail & { api_key: EventActor['api_key'] | null }>`
    select event.id::text as id, event.type, event."to", event.actor_id, ${actorNameOf('event')} as actor, event.api_key, event.cause
    from ticket_events as event left join profiles as actor on actor.id = event.actor_id
    where event.team_id = ${teamId} and event.id = any (${events.map(({ id }) => id)}::bigint[])`.execute(db)
  return rows.map(({ api_key, ...row }) => ({
    ...row,
    actor: row.actor ? actorName({ name: row.actor, api_key: api_key ?? undefined }) : row.cause && causeName(row.cause)
  }))
}

async function readTickets(db: Db, teamId: string, events: MailEvent[]): Promise<Ticket[]> {
  const ids = events.flatMap(({ ticket_id }) => ticket_id ?? [])
  if (ids.length === 0) return []
  return (await db
    .selectFrom('tickets')
    .select([
      'id',
      'ticket_number',
      'subject',
      'description',
      'format',
      'status',
      'priority',
      'severity',
      'assigned_to',
      'snoozed_until',
      'requester_name'
    ])
    .where('team_id', '=', teamId)
    .where('id', 'in', ids)
    .execute()) as Ticket[]
}
