import { sql } from 'kysely'
import type { ArticleCategoryCreate, ArticleCategoryUpdate } from '#shared/schemas/article'
import type { PageQuery } from '#shared/schemas/page'
import type { ArticleCategory } from '#shared/types/api'
import type { Db } from '../../db/types'
import { moveTo, nextPosition } from '../category/position'
import { listOf, type List } from '../page'
import { deleteOrRefuse, notFound, Refusal } from '../refusal'

export function listArticleCategories(db: Db, teamId: string, query: PageQuery): Promise<List<ArticleCategory>> {
  return listOf(db, categoryRows(db, teamId).orderBy('position'), query)
}

/** The ids and names of all categories. */
export function listCategoryNames(db: Db, teamId: string): Promise<{ id: string; name: string }[]> {
  return db.selectFrom('article_categories').select(['id', 'name']).where('team_id', '=', teamId).execute()
}

/** Throws 409 when the name is taken, 422 at the limit of 100. */
export async function createArticleCategory(db: Db, teamId: string, fields: ArticleCategoryCreate): Promise<ArticleCategory> {
  const { id } = await db
    .insertInto('article_categories')
    .values({ ...asColumns(fields), name: fields.name, team_id: teamId, position: nextPosition('article_categories', { team_id: teamId }) })
    .returning('id')
    .executeTakeFirstOrThrow()
  return getCategory(db, teamId, id)
}

/** Throws 409 when the name is taken. */
export async function updateArticleCategory(
  db: Db,
  teamId: string,
  categoryId: string,
  { position, ...changes }: ArticleCategoryUpdate
): Promise<ArticleCategory> {
  await getCategory(db, teamId, categoryId)
  if (Object.keys(changes).length > 0)
    await db.updateTable('article_categories').set(asColumns(changes)).where('team_id', '=', teamId).where('id', '=', categoryId).execute()
  if (position !== undefined) await moveTo(db, 'article_categories', { team_id: teamId }, { id: categoryId, position })
  return getCategory(db, teamId, categoryId)
}

/** Throws 409 `category_used` while articles are in it. */
export async function deleteArticleCategory(db: Db, teamId: string, categoryId: string): Promise<void> {
  const { rows } = await sql`select from articles where team_id = ${teamId} and category_id = ${categoryId} limit 1`.execute(db)
  if (rows.length > 0) throw new Refusal(409, 'category_used', 'Move the articles of this category to another one first')
  await deleteOrRefuse(db.deleteFrom('article_categories').where('team_id', '=', teamId).where('id', '=', categoryId))
}

function asColumns<T extends ArticleCategoryUpdate>({ names, ...fields }: T) {
  return { ...fields, ...(names && { names: JSON.stringify(names) }) }
}

async function getCategory(db: Db, teamId: string, categoryId: string): Promise<ArticleCategory> {
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
    .selectFrom('article_categories as category')
    .select([
      'category.id',
      'category.slug',
      'category.name',
      'category.names',
      sql<number>`(row_number() over (order by category.position, category.created_at, category.id))::integer`.as('position'),
      sql<number>`(
        select count(*)::integer from articles as article
        where article.team_id = category.team_id and article.category_id = category.id and article.archived_at is null)`.as('article_count')
    ])
    .where('category.team_id', '=', teamId)
    .$castTo<ArticleCategory>()
}
