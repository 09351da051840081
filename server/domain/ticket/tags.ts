import { sql, type RawBuilder } from 'kysely'
import type { TagQuery } from '#shared/schemas/ticket'
import type { TagCount } from '#shared/types/api'
import type { Db } from '../../db/types'
import { alphabetical } from '../order'
import { listOf, type List } from '../page'

/** Tags of the team's tickets with how many carry each, the most used first; with `q`, those that begin so, or hold a word that does. */
export async function listTags(db: Db, teamId: string, { q, limit, ...query }: TagQuery): Promise<List<TagCount>> {
  const used = db
    .selectFrom('ticket_tags')
    .select(['tag', sql<number>`count(*)::integer`.as('count')])
    .where('team_id', '=', teamId)
    .groupBy('tag')
  const rows = db
    .selectFrom(used.as('used'))
    .select(['used.tag', 'used.count'])
    .$if(q !== undefined, rows =>
      rows.where(
        sql<boolean>`(strpos(used.tag, lower(${q})) = 1 or (${words(sql`${q}`)} <> '' and ' ' || ${words(sql`used.tag`)} like '% ' || ${words(sql`${q}`)} || '%'))`
      )
    )
    .orderBy('used.count', 'desc')
    .orderBy(alphabetical(sql.ref('used.tag')))
    .orderBy('used.tag')
  return listOf(db, rows, query, limit)
}

/** Makes these the tags of a ticket. */
export async function replaceTags(db: Db, teamId: string, ticketId: string, tags: string[]): Promise<void> {
  const stale = db.deleteFrom('ticket_tags').where('team_id', '=', teamId).where('ticket_id', '=', ticketId)
  await (tags.length > 0 ? stale.where('tag', 'not in', tags) : stale).execute()
  await addTags(db, teamId, ticketId, tags)
}

/** Adds tags to those of a ticket. */
export async function addTags(db: Db, teamId: string, ticketId: string, tags: string[]): Promise<void> {
  if (tags.length === 0) return
  await db
    .insertInto('ticket_tags')
    .values(tags.map(tag => ({ team_id: teamId, ticket_id: ticketId, tag })))
    .onConflict(conflict => conflict.columns(['team_id', 'ticket_id', 'tag']).doNothing())
    .execute()
}

// As searched: accents and case do not count, and punctuation, which like knows as well, separates words.
function words(text: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`btrim(regexp_replace(private.search_text(${text}), '\\s+', ' ', 'g'))`
}
