import { sql, type SelectQueryBuilder } from 'kysely'
import type { Page } from '#shared/types/api'
import type { Db } from '../db/types'

/** The page of `rows` that is asked for, in their order, with how many rows there are in all. */
export async function pageOf<DB, TB extends keyof DB, O>(db: Db, rows: SelectQueryBuilder<DB, TB, O>, { page, page_size }: { page: number, page_size: number }): Promise<Page<O>> {
  const counted = rows.clearSelect().clearOrderBy().select(sql<number>`1`.as('one'))
  const { rows: [count] } = await sql<{ total: number }>`select count(*)::integer as total from (${counted}) as counted`.execute(db)
  const data = await rows.limit(page_size).offset((page - 1) * page_size).execute()
  return { data, total: count!.total, page, page_size }
}
