import { sql } from 'kysely'
import { maxReply, type ReplyCreate } from '#shared/schemas/reply'
import type { TextFormat } from '#shared/text-format'
import { maxListLength, type PageQuery } from '#shared/schemas/page'
import type { Mention, PostedReply, Reply, ReplyAuthor, Ticket } from '#shared/types/api'
import { resolveMentions } from '#shared/utils/mentions'
import type { Db } from '../db/types'
import { citeInReply } from './article/citation'
import { attachUploads, replyAttachments, type UnscannedPolicy } from './attachment/attachment'
import { outsiderName } from './author'
import type { Caller } from './caller'
import { firstOf, listOf, type List } from './page'
import { Refusal, deleteOrRefuse } from './refusal'
import { endReplyDraft } from './reply-draft'
import { requireTicket } from './ticket/get'

/** `unscanned` is what a team that has not decided does with unscanned files. */
type NewReply = ReplyCreate & { unscanned?: UnscannedPolicy }

export async function listReplies(db: Db, teamId: string, ticketId: string, query: PageQuery): Promise<List<Reply>> {
  await requireTicket(db, teamId, ticketId)
  return listOf(db, conversation(db, teamId, ticketId), query)
}

export async function withReplies<T extends Ticket>(
  db: Db,
  ticket: T
): Promise<{ ticket: T & { replies: Reply[] }; isTruncated: boolean }> {
  const { rows, isTruncated } = await firstOf(conversation(db, ticket.team_id, ticket.id))
  return { ticket: { ...ticket, replies: rows }, isTruncated }
}

/**
 * Adds a reply of the caller, and deletes the draft with the text `written`. Throws 403 in a closed ticket for those who may not close
 * tickets. Throws 409 `thread_changed` with the newer replies when there are any after `base_reply_id`. Throws what `attachUploads` and
 * `citeInReply` throw.
 */
export async function createReply(db: Db, caller: Caller, ticketId: string, reply: NewReply, written = reply.content): Promise<Reply> {
  const { teamId, userId } = caller
  const { content, format, is_internal, base_reply_id, draft_version, upload_ids = [], article_ids = [], unscanned = 'block' } = reply
  await requireTicket(db, teamId, ticketId)
  if (base_reply_id !== undefined) await refuseIfThreadChanged(db, teamId, ticketId, base_reply_id)
  const { id } = await db
    .insertInto('ticket_replies')
    .values({ team_id: teamId, ticket_id: ticketId, user_id: userId, content, format, is_internal })
    .returning('id')
    .executeTakeFirstOrThrow()
  await attachUploads(db, caller, { ticketId, replyId: id }, upload_ids, unscanned)
  await citeInReply(db, caller, ticketId, { content, is_internal, textIds: article_ids })
  await endReplyDraft(db, caller, ticketId, { content: written, version: draft_version })
  return replies(db).where('reply.team_id', '=', teamId).where('reply.id', '=', id).executeTakeFirstOrThrow()
}

/**
 * Like `createReply`, but turns names after an "@" into mentions. Names that several people have stay text and are returned as
 * `ambiguous`. Also throws 422 `too_many_mentions` when the text is too long with the tokens.
 */
export async function postReply(db: Db, caller: Caller, ticketId: string, reply: NewReply): Promise<PostedReply> {
  const people = reply.content.includes('@') ? await listMentionable(db, caller.teamId) : []
  const { content, ambiguous } = resolveMentions(reply.content, reply.format, people)
  if (content !== reply.content && [...content].length > maxReply)
    throw new Refusal(422, 'too_many_mentions', 'The reply is too long with all of its mentions')
  const posted = await createReply(db, caller, ticketId, { ...reply, content }, reply.content)
  return ambiguous.length > 0 ? { ...posted, ambiguous } : posted
}

async function listMentionable(db: Db, teamId: string): Promise<Mention[]> {
  return db
    .selectFrom('team_members as member')
    .innerJoin('profiles as person', 'person.id', 'member.user_id')
    .select(['person.id', 'person.full_name'])
    .where('member.team_id', '=', teamId)
    .where('person.kind', '=', 'person')
    .execute()
}

/** Throws 403 for a reply of somebody else without `replies.delete_any`. */
export async function deleteReply(db: Db, teamId: string, ticketId: string, replyId: string): Promise<void> {
  const deletion = db.deleteFrom('ticket_replies').where('team_id', '=', teamId).where('ticket_id', '=', ticketId).where('id', '=', replyId)
  await deleteOrRefuse(deletion, async () => {
    const seen = await db
      .selectFrom('ticket_replies')
      .select('id')
      .where('team_id', '=', teamId)
      .where('ticket_id', '=', ticketId)
      .where('id', '=', replyId)
      .executeTakeFirst()
    return seen && new Refusal(403, 'forbidden', 'Only its author or an admin can delete a reply')
  })
}

// Long answers wait for a turn to be stringified, but error answers do not.
const maxNewerBytes = 100_000

async function refuseIfThreadChanged(db: Db, teamId: string, ticketId: string, baseReplyId: string | null): Promise<void> {
  // A base reply that was deleted compares as null: no reply is newer.
  const { rows: newer } = await firstOf(
    conversation(db, teamId, ticketId).$if(baseReplyId !== null, rows =>
      rows.where(sql<boolean>`(reply.created_at, reply.id) > (
    select base.created_at, base.id from ticket_replies as base where base.team_id = ${teamId} and base.ticket_id = ${ticketId} and base.id = ${baseReplyId}
  )`)
    ),
    maxListLength,
    maxNewerBytes
  )
  if (newer.length > 0) throw new Refusal(409, 'thread_changed', 'Somebody replied while you were writing', { replies: newer })
}

function conversation(db: Db, teamId: string, ticketId: string) {
  return replies(db)
    .where('reply.team_id', '=', teamId)
    .where('reply.ticket_id', '=', ticketId)
    .orderBy('reply.created_at')
    .orderBy('reply.id')
}

function replies(db: Db) {
  return db
    .selectFrom('ticket_replies as reply')
    .innerJoin('profiles as author', 'author.id', 'reply.user_id')
    .select([
      'reply.id',
      'reply.team_id',
      'reply.ticket_id',
      'reply.user_id',
      'reply.contact_id',
      'reply.content',
      'reply.is_internal',
      'reply.created_at'
    ])
    .select(eb => eb.ref('reply.format').$castTo<TextFormat>().as('format'))
    .select(eb => eb.ref('reply.author_kind').$castTo<Reply['author_kind']>().as('author_kind'))
    .select(sql<string>`coalesce(${outsiderName}, author.full_name)`.as('author_name'))
    .select(replyAuthor.as('author'))
    .select(mentions.as('mentions'))
    .select(replyAttachments.as('attachments'))
}

/** The author of `reply`, from the joined profile `author`. private.reply_author() builds the same for a broadcast. */
export const replyAuthor = sql<ReplyAuthor>`case when ${outsiderName} is null
  then jsonb_build_object('id', author.id, 'full_name', author.full_name, 'avatar_url', author.avatar_url)
  else jsonb_build_object('id', null, 'full_name', ${outsiderName}, 'avatar_url', null) end`

/**
 * The people that `reply` mentions, with their current names. `position` skips the lookup for texts without a token.
 * private.people_named() builds the same for a broadcast.
 */
export const mentions = sql<Mention[]>`coalesce(case when position('<@' in reply.content) > 0 then (
  select jsonb_agg(jsonb_build_object('id', person.id, 'full_name', person.full_name) order by person.full_name collate "und-x-icu", person.id)
  from ticket_mentions as mention join profiles as person on person.id = mention.user_id
  where mention.team_id = reply.team_id and mention.reply_id = reply.id
) end, '[]')`
