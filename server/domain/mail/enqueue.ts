import { sql } from 'kysely'
import { email } from '#shared/schemas/text'
import type { PersonReference } from '#shared/schemas/event'
import type { TicketStatus } from '#shared/ticket'
import type { Db } from '../../db/types'
import type { OutboxEvent } from '../event'
import { listRecipients } from '../notification/recipients'

export type MailKind = 'member_notice' | 'ticket_received' | 'public_reply' | 'status_changed' | 'assigned' | 'rating_request' | 'digest'

/** An event that a mail tells of, as the outbox keeps it. */
export interface MailEvent {
  id: string
  /** Why a member hears of it. */
  notice?: string
  ticket_id?: string | null
  reply_id?: string | null
}

interface NewMail {
  team_id: string
  ticket_id: string | null
  kind: MailKind
  recipient: string
  user_id: string | null
  events: MailEvent[]
  delay: number
}

/**
 * Which waiting mails take in what happens next: the predicate of the index mails_joinable. As a batch brings as many events at
 * most, a mail names a hundred at most.
 */
export const isJoinable = sql`state = 'waiting' and first_attempt_at is null and kind <> 'ticket_received' and jsonb_array_length(data -> 'events') <= 50`
const eventsAtOnce = 50

/** What happens within so many seconds of the first event goes with it, in one mail. */
export const gatheringSeconds = 60

// Who answers these addresses is a machine: RFC 3834, 2, and the names of RFC 2142.
const automatic = /^(mailer-daemon|postmaster|abuse|no-?reply|do-?not-?reply|bounces?)([+-].*)?@/

/** Mails to the clients of tickets: what happened to their request, and what was answered. Nothing that is internal. */
export async function queueClientMails(db: Db, events: OutboxEvent[], ownAddress: string): Promise<void> {
  const news = events.flatMap(event => newsOf(event).map(one => ({ event, ...one })))
  const addresses = await clientAddresses(db, [...new Set(news.map(({ event }) => event.ticket_id!))])
  await insertMails(
    db,
    news.flatMap(({ event, kind, reply_id }) => {
      const recipient = addresses.get(event.ticket_id!)
      if (!recipient || recipient === ownAddress || automatic.test(recipient)) return []
      return {
        team_id: event.team_id,
        ticket_id: event.ticket_id,
        kind,
        recipient,
        user_id: null,
        events: [{ id: event.id, ...(reply_id && { reply_id }) }],
        delay: kind === 'ticket_received' ? 0 : gatheringSeconds
      }
    })
  )
}

/** Mails to members about what concerns them, where they want to have it by mail. */
export async function queueMemberMails(db: Db, events: OutboxEvent[], ownAddress: string): Promise<void> {
  const recipients = (await listRecipients(db, events)).filter(({ mail }) => mail)
  if (recipients.length === 0) return
  const people = await db
    .selectFrom('profiles')
    .select(['id', 'email'])
    .where('id', 'in', [...new Set(recipients.map(({ user_id }) => user_id))])
    .execute()
  const addresses = new Map(people.map(person => [person.id, person.email]))
  await insertMails(
    db,
    recipients.flatMap(({ event, user_id, kind, reply_id }) => {
      const recipient = addresses.get(user_id)
      if (!recipient?.includes('@') || recipient === ownAddress) return []
      return {
        team_id: event.team_id,
        ticket_id: event.ticket_id,
        kind: 'member_notice' as const,
        recipient,
        user_id,
        events: [{ id: event.id, notice: kind, ticket_id: event.ticket_id, reply_id }],
        delay: gatheringSeconds
      }
    })
  )
}

/** What an event is to the client. Who works on the request, and that somebody began, is said once by name. */
function newsOf({ type, from, to }: OutboxEvent): { kind: Exclude<MailKind, 'member_notice' | 'digest'>; reply_id?: string }[] {
  if (type === 'ticket.created') return [{ kind: 'ticket_received' }]
  if (type === 'ticket.requester_changed')
    return (from as { email: string | null }).email === (to as { email: string | null }).email ? [] : [{ kind: 'ticket_received' }]
  if (type === 'ticket.assigned') return (to as PersonReference | null) ? [{ kind: 'assigned' }] : []
  if (type === 'reply.created') {
    const { id, is_internal } = to as { id: string; is_internal: boolean }
    return is_internal ? [] : [{ kind: 'public_reply', reply_id: id }]
  }
  if (type !== 'ticket.status_changed') return []
  if (to === 'resolved') return [{ kind: 'rating_request' }]
  const isOver = (status: TicketStatus) => status === 'resolved' || status === 'closed'
  return to === 'waiting' || to === 'closed' || isOver(from as TicketStatus) ? [{ kind: 'status_changed' }] : []
}

/** The requester's address of each ticket where it is one and nobody's of the team. */
async function clientAddresses(db: Db, ticketIds: string[]): Promise<Map<string, string>> {
  if (ticketIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('tickets as ticket')
    .select(['ticket.id', 'ticket.requester_email'])
    .where('ticket.id', 'in', ticketIds)
    .where('ticket.requester_email', 'is not', null)
    .where(eb => eb.not(eb.exists(isMemberAddress(db, eb.ref('ticket.team_id'), eb.ref('ticket.requester_email')))))
    .execute()
  return new Map(
    rows.flatMap(({ id, requester_email }) => {
      const parsed = email.safeParse(requester_email)
      return parsed.success ? [[id, parsed.data] as const] : []
    })
  )
}

function isMemberAddress(db: Db, teamId: unknown, address: unknown) {
  return db
    .selectFrom('team_members as member')
    .innerJoin('profiles as person', 'person.id', 'member.user_id')
    .select('member.user_id')
    .where(sql<boolean>`member.team_id = ${teamId} and person.email = lower(btrim(${address}))`)
}

/** Writes rows, one for what goes in one mail; those that wait for their moment already take the events in, as far as they may. */
async function insertMails(db: Db, mails: NewMail[]): Promise<void> {
  const gathered = new Map<string, NewMail[]>()
  for (const mail of mails) {
    const key = mail.ticket_id ? [mail.team_id, mail.ticket_id, mail.recipient, mail.kind].join(' ') : `${gathered.size}`
    const parts = gathered.get(key) ?? []
    const last = parts.at(-1)
    if (last && last.events.length < eventsAtOnce) last.events.push(...mail.events)
    else gathered.set(key, [...parts, { ...mail, events: [...mail.events] }])
  }
  // In one order, whoever writes: two processes never wait for each other crosswise.
  const rows = [...gathered.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, parts]) => parts)
  const columns = sql`team_id, ticket_id, event_id, kind, recipient, recipient_user_id, data, next_attempt_at`
  const values = (list: NewMail[]) => sql`
    select team_id, ticket_id, (events -> 0 ->> 'id')::bigint, kind, recipient, user_id, jsonb_build_object('events', events), now() + make_interval(secs => delay)
    from jsonb_to_recordset(${JSON.stringify(list)}::text::jsonb) as mail (team_id uuid, ticket_id uuid, kind text, recipient text, user_id uuid, events jsonb, delay integer)`
  const received = rows.flatMap(([first]) => (first!.kind === 'ticket_received' ? [first!] : []))
  if (received.length > 0) {
    await sql`
      insert into mails (${columns}) ${values(received)}
      on conflict (team_id, ticket_id, recipient) where kind = 'ticket_received' do nothing`.execute(db)
  }
  // One statement joins a row once: what one mail does not hold comes with the next.
  for (let part = 0; ; part++) {
    const others = rows.flatMap(parts => parts[part] ?? []).filter(({ kind }) => kind !== 'ticket_received')
    if (others.length === 0) break
    await sql`
      insert into mails (${columns}) ${values(others)}
      on conflict (team_id, ticket_id, recipient, kind) where ${isJoinable}
      do update set data = jsonb_set(mails.data, '{events}', (mails.data -> 'events') || (excluded.data -> 'events'))`.execute(db)
  }
}
