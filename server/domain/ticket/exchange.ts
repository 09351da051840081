import { sql } from 'kysely'
import { maxImportBytes, maxImportReplies } from '#shared/schemas/import'
import { maxReply } from '#shared/schemas/reply'
import { email as emailAddress } from '#shared/schemas/text'
import type { Mention } from '#shared/types/api'
import { mentionsAsText } from '#shared/utils/mentions'
import { cutText } from '#shared/utils/cut'
import type { Db } from '../../db/types'
import { outsiderName } from '../author'

export interface ExchangedRequest extends ExchangedPart {
  title: string
  body: string
}

/** The part of a conversation that fits in a record. With `continues`, the next record has more of it. */
export interface ExchangedPart {
  id: string
  replies: ExchangedReply[]
  continues?: true
  [field: string]: unknown
}

interface ExchangedReply {
  author: ExchangedAuthor
  content: string
  format: string
  created_at: string
  is_internal: boolean
}

type ExchangedAuthor = string | { kind: 'agent' | 'requester'; name?: string; email?: string }

const chunkSize = 100 // tickets fetched at a time

/**
 * Streams every ticket of the team with its conversation, by number: one record per ticket, or several for a long conversation. Authors
 * are written as addresses (members), names (others) or "requester". Mentions become names, and a reply that this makes too long is split.
 */
export async function* exchangeRequests(db: Db, teamId: string): AsyncGenerator<ExchangedRequest | ExchangedPart> {
  for (let last = 0, isEnd = false; !isEnd;) {
    const tickets = await requests(db, teamId).where('ticket.ticket_number', '>', last).limit(chunkSize).execute()
    isEnd = tickets.length < chunkSize
    last = tickets.at(-1)?.ticket_number ?? last
    const conversations = conversationsOf(
      db,
      teamId,
      tickets.map(({ id }) => id)
    )
    try {
      let reply = await conversations.next()
      for (const ticket of tickets) {
        const writer = new RecordWriter(requestOf(ticket))
        for (; !reply.done && reply.value.ticket_id === ticket.id; reply = await conversations.next()) {
          for (const part of repliesOf(reply.value, ticket)) yield* writer.add(part)
        }
        yield writer.record
      }
    } finally {
      await conversations.return(undefined)
    }
  }
}

class RecordWriter {
  record: ExchangedRequest | ExchangedPart
  private bytes: number

  constructor(request: ExchangedRequest) {
    this.record = request
    this.bytes = bytesOf(request)
  }

  *add(reply: ExchangedReply): Generator<ExchangedPart> {
    const bytes = bytesOf(reply) + 1
    if (this.bytes + bytes > maxImportBytes || this.record.replies.length === maxImportReplies) {
      yield { ...this.record, continues: true }
      this.record = { id: this.record.id, replies: [] }
      this.bytes = bytesOf(this.record)
    }
    this.record.replies.push(reply)
    this.bytes += bytes
  }
}

// 20 bytes more, for `"continues":true` and the line break.
function bytesOf(value: object): number {
  return Buffer.byteLength(JSON.stringify(value)) + 20
}

type ReadTicket = Awaited<ReturnType<ReturnType<typeof requests>['execute']>>[number]

function requestOf({ id, ticket_number: _, subject, description, type, item, ...fields }: ReadTicket): ExchangedRequest {
  const stated = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null))
  return {
    id,
    title: subject,
    body: description,
    ...stated,
    ...(type !== null && { route: item === null ? [type] : [type, item] }),
    replies: []
  }
}

function requests(db: Db, teamId: string) {
  return db
    .selectFrom('tickets as ticket')
    .leftJoin(
      sql<{ user_id: string; email: string }>`private.team_member_emails(${teamId})`.as('assignee'),
      'assignee.user_id',
      'ticket.assigned_to'
    )
    .leftJoin('ticket_types as type', 'type.id', 'ticket.type_id')
    .leftJoin('ticket_items as item', 'item.id', 'ticket.item_id')
    .select([
      'ticket.id',
      'ticket.ticket_number',
      'ticket.subject',
      'ticket.description',
      'ticket.format',
      'ticket.status',
      'ticket.priority',
      'ticket.severity',
      'ticket.category',
      'type.name as type',
      'item.name as item',
      'ticket.requester_name',
      'ticket.requester_email',
      'assignee.email as assignee',
      'ticket.created_at',
      'ticket.resolved_at',
      'ticket.closed_at',
      'ticket.snoozed_until',
      sql<
        string[]
      >`array(select label.tag from ticket_tags as label where label.team_id = ticket.team_id and label.ticket_id = ticket.id order by label.tag)`.as(
        'tags'
      )
    ])
    .where('ticket.team_id', '=', teamId)
    .orderBy('ticket.ticket_number')
}

interface ReadReply extends Omit<ExchangedReply, 'author'> {
  ticket_id: string
  author_kind: 'agent' | 'requester'
  external_author: string | null
  email: string | null
  full_name: string
  mentions: Mention[]
}

async function* conversationsOf(db: Db, teamId: string, ticketIds: string[]): AsyncGenerator<ReadReply, undefined> {
  const rows = db
    .selectFrom('ticket_replies as reply')
    .innerJoin('tickets as ticket', 'ticket.id', 'reply.ticket_id')
    .innerJoin('profiles as author', 'author.id', 'reply.user_id')
    .leftJoin(
      sql<{ user_id: string; email: string }>`private.team_member_emails(${teamId})`.as('address'),
      'address.user_id',
      'reply.user_id'
    )
    .select([
      'reply.ticket_id',
      'reply.author_kind',
      outsiderName.as('external_author'),
      'address.email',
      'author.full_name',
      'reply.is_internal',
      'reply.created_at',
      'reply.content',
      'reply.format',
      sql<
        Mention[]
      >`(select coalesce(jsonb_agg(jsonb_build_object('id', person.id, 'full_name', person.full_name)), '[]') from ticket_mentions as mention join profiles as person on person.id = mention.user_id where mention.team_id = reply.team_id and mention.reply_id = reply.id)`.as(
        'mentions'
      )
    ])
    .where('reply.team_id', '=', teamId)
    .where(sql<boolean>`reply.ticket_id = any (${ticketIds}::uuid[])`)
    .orderBy('ticket.ticket_number')
    .orderBy('reply.created_at')
    .orderBy('reply.id')
  yield* rows.stream(chunkSize) as AsyncIterable<ReadReply>
}

function repliesOf({ content, mentions, created_at, format, is_internal, ...written }: ReadReply, request: ReadTicket): ExchangedReply[] {
  const author = authorOf(written, request)
  return cutText(mentionsAsText(content, mentions), maxReply).map(content => ({ author, is_internal, created_at, content, format }))
}

/** Text if an import would read the same author from it, else an object. */
function authorOf(
  {
    author_kind: kind,
    external_author: external,
    email,
    full_name
  }: Pick<ReadReply, 'author_kind' | 'external_author' | 'email' | 'full_name'>,
  { requester_name, requester_email }: ReadTicket
): ExchangedAuthor {
  if (kind === 'requester')
    return external === (requester_name ?? requester_email ?? 'Requester') ? 'requester' : { kind, name: external ?? full_name }
  const address = external === null ? email : null
  const text = address ?? external ?? full_name
  const isTakenForRequester =
    text.toLowerCase() === 'requester' || text === requester_name || text.toLowerCase() === requester_email?.toLowerCase()
  const isTakenForMember = address === null && emailAddress.safeParse(text).success
  if (!isTakenForRequester && !isTakenForMember) return text
  return address === null ? { kind, name: text } : { kind, email: address }
}
