import { sql } from 'kysely'
import type { CategoryCreate, CategoryQuery, CategoryUpdate } from '#shared/schemas/category'
import type { Category } from '#shared/types/api'
import type { Db } from '../../db/types'
import { listOf, type List } from '../page'
import { notFound } from '../refusal'
import { nextPosition, moveTo } from './position'

export function listCategories(db: Db, teamId: string, { counts, ...query }: CategoryQuery): Promise<List<Category>> {
  const rows = categoryRows(db, teamId)
    .$if(counts, rows =>
      rows.select(
        sql<number>`(select count(*)::integer from tickets as ticket where ticket.team_id = category.team_id and ticket.category = category.key)`.as(
          'ticket_count'
        )
      )
    )
    .orderBy('position')
  return listOf(db, rows, query)
}

/** The key is derived from the name and never changes. Throws 409 when the name is taken, 422 at the limit. */
export async function createCategory(db: Db, teamId: string, fields: CategoryCreate): Promise<Category> {
  const base = keyFrom(fields.name)
  for (let suffix = 1; ; suffix++) {
    const row = await db
      .insertInto('ticket_categories')
      .values({
        ...fields,
        team_id: teamId,
        key: suffix === 1 ? base : `${base}_${suffix}`,
        position: nextPosition('ticket_categories', { team_id: teamId })
      })
      .onConflict(conflict => conflict.columns(['team_id', 'key']).doNothing())
      .returning('id')
      .executeTakeFirst()
    if (row) return getCategory(db, teamId, row.id)
  }
}

/** Throws 409 when the name is taken. */
export async function updateCategory(
  db: Db,
  teamId: string,
  categoryId: string,
  { position, ...changes }: CategoryUpdate
): Promise<Category> {
  await getCategory(db, teamId, categoryId)
  if (Object.keys(changes).length > 0)
    await db.updateTable('ticket_categories').set(changes).where('team_id', '=', teamId).where('id', '=', categoryId).execute()
  if (position !== undefined) await moveTo(db, 'ticket_categories', { team_id: teamId }, { id: categoryId, position })
  return getCategory(db, teamId, categoryId)
}

async function getCategory(db: Db, teamId: string, categoryId: string): Promise<Category> {
  const row = await db
    .selectFrom(categoryRows(db, teamId).as('category'))
    .selectAll()
    .where('category.id', '=', categoryId)
    .executeTakeFirst()
  if (!row) throw notFound()
  return row
}

function categoryRows(db: Db, teamId: string) {
  return db
    .selectFrom('ticket_categories as category')
    .select([
      'category.id',
      'category.key',
      'category.name',
      'category.portal_name',
      sql<number>`(row_number() over (order by category.position, category.created_at, category.id))::integer`.as('position')
    ])
    .where('category.team_id', '=', teamId)
}

// "Café & bar" becomes cafe_bar. Names in other scripts lose all letters and become category, category_2 and so on.
function keyFrom(name: string): string {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[_0-9]+|_+$/g, '')
  return words.slice(0, 45).replace(/_+$/, '') || 'category'
}
