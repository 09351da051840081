import { sql, type RawBuilder } from 'kysely'
import type { TagQuery } from '#shared/schemas/ticket'
import type { TagCount } from '#shared/types/api'
import type { Db } from '../../db/types'
import { alphabetical } from '../order'
import { listOf, type List } from '../page'

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

export async function replaceTags(db: Db, teamId: string, ticketId: string, tags: string[]): Promise<void> {
  const stale = db.deleteFrom('ticket_tags').where('team_id', '=', teamId).where('ticket_id', '=', ticketId)
  await (tags.length > 0 ? stale.where('tag', 'not in', tags) : stale).execute()
  await addTags(db, teamId, ticketId, tags)
}

export async function addTags(db: Db, teamId: string, ticketId: string, tags: string[]): Promise<void> {
  if (tags.length === 0) return
  await db
    .insertInto('ticket_tags')
    .values(tags.map(tag => ({ team_id: teamId, ticket_id: ticketId, tag })))
    .onConflict(conflict => conflict.columns(['team_id', 'ticket_id', 'tag']).doNothing())
    .execute()
}

// Normalised as for search: without accents and case, with spaces for punctuation (which also removes wildcards of `like`).
function words(text: RawBuilder<unknown>): RawBuilder<string> {
  return sql<string>`btrim(regexp_replace(private.search_text(${text}), '\\s+', ' ', 'g'))`
}
