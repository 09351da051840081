import { sql } from 'kysely'
import type { TextFormat } from '#shared/text-format'
import type { Mention } from '#shared/types/api'
import { mentionedIds } from '#shared/utils/mentions'
import type { Db } from '../../db/types'
import { outsiderName } from '../author'
import type { Block } from './letter'

export interface ReadMessage {
  id: string
  ticket_id: string
  author: string
  is_internal: boolean
  block: Extract<Block, { kind: 'message' }>
}

/** At most this many messages, and bytes of their text, in a letter. A single message may be longer. */
export const longestLetter = { messages: 100, bytes: 100_000 }

/** For each of these replies that still exists, oldest first: whether it fits into a letter together with those before it. */
export async function fitReplies(db: Db, teamId: string, replyIds: string[]): Promise<Map<string, boolean>> {
  if (replyIds.length === 0) return new Map()
  const { rows } = await sql<{ id: string; fits: boolean }>`
    select id, place = 1 or (bytes <= ${longestLetter.bytes} and place <= ${longestLetter.messages}) as fits
    from (
      select id, sum(octet_length(content)) over so_far as bytes, row_number() over so_far as place
      from ticket_replies where team_id = ${teamId} and id = any (${replyIds}::uuid[])
      window so_far as (order by created_at, id)
    ) as sized order by place`.execute(db)
  return new Map(rows.map(({ id, fits }) => [id, fits]))
}

/** These replies, oldest first; deleted ones are missing. */
export async function readMessages(db: Db, teamId: string, replyIds: string[]): Promise<ReadMessage[]> {
  if (replyIds.length === 0) return []
  const rows = await db
    .selectFrom('ticket_replies as reply')
    .innerJoin('profiles as author', 'author.id', 'reply.user_id')
    .select([
      'reply.id',
      'reply.ticket_id',
      'reply.is_internal',
      'reply.content',
      eb => eb.ref('reply.format').$castTo<TextFormat>().as('format'),
      sql<string>`coalesce(${outsiderName}, author.full_name)`.as('author')
    ])
    .where('reply.team_id', '=', teamId)
    .where('reply.id', 'in', replyIds)
    .orderBy('reply.created_at')
    .orderBy('reply.id')
    .execute()
  const people = await findNames(
    db,
    teamId,
    rows.flatMap(({ content }) => mentionedIds(content))
  )
  return rows.map(({ content, format, ...row }) => ({
    ...row,
    block: { kind: 'message', author: row.author, source: content, format, people }
  }))
}

/** The names of those who are members. A mention of anybody else shows no name. */
async function findNames(db: Db, teamId: string, ids: string[]): Promise<Mention[]> {
  if (ids.length === 0) return []
  return db
    .selectFrom('profiles as person')
    .innerJoin('team_members as member', 'member.user_id', 'person.id')
    .select(['person.id', 'person.full_name'])
    .where('member.team_id', '=', teamId)
    .where('person.id', 'in', [...new Set(ids)])
    .execute()
}
