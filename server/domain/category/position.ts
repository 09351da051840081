import { sql, type RawBuilder } from 'kysely'
import type { Db } from '../../db/types'

type CategoryTable = 'ticket_categories' | 'ticket_types' | 'ticket_items' | 'article_categories'

type Siblings = Record<string, string>

/** The position after the last sibling. Concurrent inserts may get the same one: then the older row comes first. */
export function nextPosition(table: CategoryTable, siblings: Siblings): RawBuilder<number> {
  return sql<number>`(select coalesce(max(sibling.position), 0) + 1 from ${sql.table(table)} as sibling where ${siblingCondition(siblings)})`
}

/** Moves a row to a position among its siblings, counted from 1, and renumbers them. */
export async function moveTo(
  db: Db,
  table: CategoryTable,
  siblings: Siblings,
  { id, position }: { id: string; position: number }
): Promise<void> {
  // A concurrent move of a sibling waits here, and then sees the new order.
  await sql`select sibling.id from ${sql.table(table)} as sibling where ${siblingCondition(siblings)} order by sibling.id for no key update`.execute(
    db
  )
  await sql`
    with other as (
      select sibling.id, row_number() over (order by sibling.position, sibling.created_at, sibling.id) as place
      from ${sql.table(table)} as sibling where ${siblingCondition(siblings)} and sibling.id <> ${id}
    ), placed as (
      select other.id, other.place + case when other.place >= ${position} then 1 else 0 end as place from other
      union all
      select ${id}::uuid, least(${position}, (select count(*) + 1 from other))
    )
    update ${sql.table(table)} as moved set position = placed.place
    from placed where moved.team_id = ${siblings.team_id} and moved.id = placed.id and moved.position <> placed.place`.execute(db)
}

function siblingCondition(siblings: Siblings) {
  return sql.join(
    Object.entries(siblings).map(([column, value]) => sql`${sql.ref(`sibling.${column}`)} = ${value}`),
    sql` and `
  )
}
