import { sql, type SelectQueryBuilder } from 'kysely'
import { maxListBytes, maxListLength, type PageQuery } from '#shared/schemas/page'
import type { CursorPage, Page } from '#shared/types/api'
import type { Db } from '../db/types'

/** The first rows of a list, and whether there are more. */
export interface FirstRows<T> {
  rows: T[]
  isTruncated: boolean
}

/** A list as it was asked for: its first rows, or one page where `page` or `cursor` is given. */
export type List<T> = FirstRows<T> | Page<T> | CursorPage<T>

/** The page of `rows` that is asked for, in their order; without `page` the first of them, `limit` at most. */
export function listOf<DB, TB extends keyof DB, O>(
  db: Db,
  rows: SelectQueryBuilder<DB, TB, O>,
  { page, page_size }: PageQuery,
  limit?: number
): Promise<FirstRows<O> | Page<O>> {
  return page === undefined ? firstOf(rows, limit) : pageOf(db, rows, { page, page_size })
}

/** The first of `rows` in their order: one at least, `limit` at most, and `maxBytes` of JSON. */
export async function firstOf<DB, TB extends keyof DB, O>(
  rows: SelectQueryBuilder<DB, TB, O>,
  limit = maxListLength,
  maxBytes = maxListBytes
): Promise<FirstRows<O>> {
  const first: O[] = []
  let bytes = 0
  // As a stream: what is beyond the bytes is never in memory.
  for await (const row of rows.limit(limit + 1).stream(100)) {
    bytes += Buffer.byteLength(JSON.stringify(row))
    if (first.length === limit || (bytes > maxBytes && first.length > 0)) return { rows: first, isTruncated: true }
    first.push(row)
  }
  return { rows: first, isTruncated: false }
}

/** The page of `rows` that is asked for, in their order, with how many rows there are in all. */
export async function pageOf<DB, TB extends keyof DB, O>(
  db: Db,
  rows: SelectQueryBuilder<DB, TB, O>,
  { page, page_size }: { page: number; page_size: number }
): Promise<Page<O>> {
  const counted = rows
    .clearSelect()
    .clearOrderBy()
    .select(sql<number>`1`.as('one'))
  const {
    rows: [count]
  } = await sql<{ total: number }>`select count(*)::integer as total from (${counted}) as counted`.execute(db)
  const data = await rows
    .limit(page_size)
    .offset((page - 1) * page_size)
    .execute()
  return { data, total: count!.total, page, page_size }
}

/** The list with each of its rows as `read` reads it. */
export function mapList<T, R>(list: FirstRows<T> | Page<T>, read: (row: T) => R): FirstRows<R> | Page<R> {
  return 'data' in list ? { ...list, data: list.data.map(read) } : { ...list, rows: list.rows.map(read) }
}
