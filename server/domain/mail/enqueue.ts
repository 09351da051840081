import { sql } from 'kysely'
import type { clientMailKinds } from '#shared/mail'
import { email } from '#shared/schemas/text'
import type { PersonReference } from '#shared/schemas/event'
import type { Db } from '../../db/types'
import type { OutboxEvent } from '../event'
import { listRecipients } from '../notification/recipients'

export type MailKind = 'member_notice' | (typeof clientMailKinds)[number] | 'digest'

export interface MailEvent {
  id: string
  /** Why a member is notified of it. */
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
 * The waiting mails that new events are added to: the predicate of the index mails_joinable. A mail with 50 events may get a batch of 50
 * more, so it has at most 100.
 */
export const isJoinable = sql`state = 'waiting' and first_attempt_at is null and kind <> 'ticket_received' and jsonb_array_length(data -> 'events') <= 50`
const eventsAtOnce = 50

/** Events within this time of the first one go into the same mail. */
export const gatheringSeconds = 60

// Machines read these addresses: RFC 3834, 2, and the names of RFC 2142.
const automatic = /^(mailer-daemon|postmaster|abuse|no-?reply|do-?not-?reply|bounces?)([+-].*)?@/

/** Whether only machines read mails to this address. */
export function isAutomaticAddress(address: string): boolean {
  return automatic.test(address)
}

/**
 * Requesters get the kinds of mails that the team has not switched off, participants get public replies. Nobody gets a mail about what they
 * did themselves, except that their request was received.
 */
export async function queueClientMails(db: Db, events: OutboxEvent[], ownAddress: string): Promise<void> {
  const updates = events.flatMap(event => updatesOf(event).map(update => ({ event, ...update })))
  const requesters = await findRequesters(db, [...new Set(updates.map(({ event }) => event.ticket_id!))])
  const participants = await findParticipants(
    db,
    updates.flatMap(({ event, kind }) => (kind === 'public_reply' ? event : []))
  )
  await insertMails(
    db,
    updates.flatMap(({ event, kind, reply_id }) => {
      const requester = requesters.get(event.ticket_id!)
      if (!requester) return []
      const delay = delayOf(kind, requester)
      if (delay === null) return []
      return [requester, ...(kind === 'public_reply' ? (participants.get(event.id) ?? []) : [])].flatMap(({ address, contact_id }) => {
        if (address === ownAddress || isAutomaticAddress(address)) return []
        if (kind !== 'ticket_received' && event.contact_id && event.contact_id === contact_id) return []
        return {
          team_id: event.team_id,
          ticket_id: event.ticket_id,
          kind,
          recipient: address,
          user_id: null,
          events: [{ id: event.id, ...(reply_id && { reply_id }) }],
          delay
        }
      })
    })
  )
}

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

/** The mails to the requester that an event causes. */
function updatesOf({
  type,
  from,
  to
}: OutboxEvent): { kind: Exclude<MailKind, 'member_notice' | 'participant_invitation' | 'digest'>; reply_id?: string }[] {
  if (type === 'ticket.created') return [{ kind: 'ticket_received' }]
  if (type === 'ticket.requester_changed')
    return (from as { email: string | null }).email === (to as { email: string | null }).email ? [] : [{ kind: 'ticket_received' }]
  if (type === 'ticket.assigned') return (to as PersonReference | null) ? [{ kind: 'assigned' }] : []
  if (type === 'reply.created') {
    const { id, is_internal } = to as { id: string; is_internal: boolean }
    return is_internal ? [] : [{ kind: 'public_reply', reply_id: id }]
  }
  if (type !== 'ticket.status_changed') return []
  const isOver = (status: unknown) => status === 'resolved' || status === 'closed'
  return isOver(to) && !isOver(from) ? [{ kind: 'status_changed' }, { kind: 'rating_request' }] : [{ kind: 'status_changed' }]
}

interface Requester {
  address: string
  contact_id: string | null
  /** Settings of the team. */
  client_mails: string[]
  rating_delay_minutes: number | null
}

/** Seconds until a mail of this kind is sent; null if the team sends none. */
function delayOf(kind: MailKind, { client_mails, rating_delay_minutes }: Requester): number | null {
  if (kind === 'rating_request') return rating_delay_minutes === null ? null : rating_delay_minutes * 60
  if (!client_mails.includes(kind)) return null
  return kind === 'ticket_received' ? 0 : gatheringSeconds
}

/** The requesters who may get mails, by the id of their ticket. */
async function findRequesters(db: Db, ticketIds: string[]): Promise<Map<string, Requester>> {
  if (ticketIds.length === 0) return new Map()
  const rows = await db
    .selectFrom('tickets as ticket')
    .innerJoin('teams as team', 'team.id', 'ticket.team_id')
    .select(['ticket.id', 'ticket.requester_email', 'ticket.contact_id', 'team.client_mails', 'team.rating_delay_minutes'])
    .where('ticket.id', 'in', ticketIds)
    .where('ticket.requester_email', 'is not', null)
    .where(eb => eb.not(eb.exists(isBlocked(db, eb.ref('ticket.team_id'), eb.ref('ticket.contact_id')))))
    .where(sql<boolean>`not private.is_own_address(ticket.team_id, ticket.requester_email)`)
    .execute()
  return new Map(
    rows.flatMap(({ id, requester_email, ...requester }) => {
      const parsed = email.safeParse(requester_email)
      return parsed.success ? [[id, { ...requester, address: parsed.data }] as const] : []
    })
  )
}

/** The participants who may read the reply of each of these events, by the id of the event. */
async function findParticipants(db: Db, events: OutboxEvent[]): Promise<Map<string, Pick<Requester, 'address' | 'contact_id'>[]>> {
  if (events.length === 0) return new Map()
  const { rows } = await sql<{ event_id: string; address: string; contact_id: string }>`
    select event.id as event_id, address.address, contact.id as contact_id
    from unnest(${events.map(({ id }) => id)}::text[], ${events.map(({ ticket_id }) => ticket_id)}::uuid[], ${events.map(({ created_at }) => created_at)}::timestamptz[])
      as event (id, ticket_id, created_at)
    join ticket_participants as entry on entry.ticket_id = event.ticket_id
      and (entry.can_read_history or entry.created_at <= event.created_at)
    join contacts as known on known.id = entry.contact_id
    join contacts as contact on contact.id = coalesce(known.merged_into, known.id) and contact.blocked_at is null and contact.erased_at is null
    join contact_addresses as address on address.team_id = contact.team_id and address.contact_id = contact.id and address.is_primary
    join tickets as ticket on ticket.id = entry.ticket_id and ticket.contact_id is distinct from contact.id
    where known.blocked_at is null and not private.is_own_address(contact.team_id, address.address)`.execute(db)
  return Map.groupBy(rows, ({ event_id }) => event_id)
}

function isBlocked(db: Db, teamId: unknown, contactId: unknown) {
  return db
    .selectFrom('contacts as contact')
    .select('contact.id')
    .where(sql<boolean>`contact.team_id = ${teamId} and contact.id = ${contactId} and contact.blocked_at is not null`)
}

/** Writes one row per mail. Events of a mail that already waits are added to it, up to its limit. */
async function insertMails(db: Db, mails: NewMail[]): Promise<void> {
  const gathered = new Map<string, NewMail[]>()
  for (const mail of mails) {
    const key = mail.ticket_id ? [mail.team_id, mail.ticket_id, mail.recipient, mail.kind].join(' ') : `${gathered.size}`
    const parts = gathered.get(key) ?? []
    const last = parts.at(-1)
    if (last && last.events.length < eventsAtOnce) last.events.push(...mail.events)
    else gathered.set(key, [...parts, { ...mail, events: [...mail.events] }])
  }
  // Every process writes in the same order, so that two of them cannot deadlock.
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
  // "on conflict do update" may touch a row only once per statement, so each further part of a mail needs another statement.
  for (let part = 0; ; part++) {
    const others = rows.flatMap(parts => parts[part] ?? []).filter(({ kind }) => kind !== 'ticket_received')
    if (others.length === 0) break
    await sql`
      insert into mails (${columns}) ${values(others)}
      on conflict (team_id, ticket_id, recipient, kind) where ${isJoinable}
      do update set data = jsonb_set(mails.data, '{events}', (mails.data -> 'events') || (excluded.data -> 'events')),
        -- A rating is asked for some time after the last resolution, all other mails go some time after the first event.
        next_attempt_at = case when mails.kind = 'rating_request' then greatest(excluded.next_attempt_at, mails.next_attempt_at) else mails.next_attempt_at end`.execute(
      db
    )
  }
}
