import { sql, type SelectQueryBuilder } from 'kysely'
import type { Page } from '#shared/types/api'
import type { Database, Db } from '../db/types'

/** The page of `rows` that is asked for, in their order, with how many rows there are in all. */
export async function pageOf<TB extends keyof Database, O>(db: Db, rows: SelectQueryBuilder<Database, TB, O>, { page, page_size }: { page: number, page_size: number }): Promise<Page<O>> {
  const counted = rows.clearSelect().clearOrderBy().select(sql<number>`1`.as('one'))
  const { total } = await db.selectFrom(counted.as('counted')).select(sql<number>`count(*)::integer`.as('total')).executeTakeFirstOrThrow()
  const data = await rows.limit(page_size).offset((page - 1) * page_size).execute()
  return { data, total, page, page_size }
}
