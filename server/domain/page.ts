import { sql, type RawBuilder, type SelectQueryBuilder, type SqlBool } from 'kysely'
import { maxListBytes, maxListLength, type PageQuery } from '#shared/schemas/page'
import { timestamp, uuid } from '#shared/schemas/text'
import type { CursorPage, Page } from '#shared/types/api'
import type { Db } from '../db/types'
import { Refusal } from './refusal'

export interface FirstRows<T> {
  rows: T[]
  isTruncated: boolean
}

export type List<T> = FirstRows<T> | Page<T> | CursorPage<T>

/** The requested page of `rows`; without `page` the first of them, at most `limit`. */
export function listOf<DB, TB extends keyof DB, O>(
  db: Db,
  rows: SelectQueryBuilder<DB, TB, O>,
  { page, page_size }: PageQuery,
  limit?: number
): Promise<FirstRows<O> | Page<O>> {
  return page === undefined ? firstOf(rows, limit) : pageOf(db, rows, { page, page_size })
}

/** The first of `rows`: at least one, at most `limit`, and at most `maxBytes` of JSON. */
export async function firstOf<DB, TB extends keyof DB, O>(
  rows: SelectQueryBuilder<DB, TB, O>,
  limit = maxListLength,
  maxBytes = maxListBytes
): Promise<FirstRows<O>> {
  const first: O[] = []
  let bytes = 0
  // As a stream, so that rows beyond `maxBytes` are never in memory.
  for await (const row of rows.limit(limit + 1).stream(100)) {
    bytes += Buffer.byteLength(JSON.stringify(row))
    if (first.length === limit || (bytes > maxBytes && first.length > 0)) return { rows: first, isTruncated: true }
    first.push(row)
  }
  return { rows: first, isTruncated: false }
}

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

export function mapList<T, R>(list: List<T>, read: (row: T) => R): List<R> {
  return 'data' in list ? { ...list, data: list.data.map(read) } : { ...list, rows: list.rows.map(read) }
}

/** An expression that a list is ordered by, never null. Its value in a cursor is compared as `type`. */
export interface CursorKey {
  of: RawBuilder<unknown>
  type: 'timestamptz' | 'integer' | 'bigint' | 'text' | 'uuid'
}

export interface CursorOptions {
  /** The rows are ordered by these keys in direction `order`, then by `ties`. All keys together are unique. */
  by: CursorKey[]
  order?: 'asc' | 'desc'
  /** Descending. */
  ties?: CursorKey[]
  /** Names the order of the list. A cursor of another order is refused. */
  list?: string[]
  /** The `next_cursor` of the previous page; empty for the first page. */
  cursor: string
  size: number
}

/** The page of `rows` after `cursor`. `rows` must be ordered as `by` and `ties` say. Throws 400 for a cursor of another list. */
export async function pageBehind<DB, TB extends keyof DB, O>(
  rows: SelectQueryBuilder<DB, TB, O>,
  { by, order = 'desc', ties = [], list = [], cursor, size }: CursorOptions
): Promise<CursorPage<O>> {
  const keys = [...by, ...ties]
  const values = cursor === '' ? undefined : readCursor(cursor, list, keys)
  const withValues = rows
    .select(sql`array[${sql.join(keys.map(({ of }) => sql`(${of})::text`))}]`.as('cursor_values'))
    .$castTo<{ cursor_values: string[] }>()
  const read = (limit: number, condition?: RawBuilder<SqlBool>) =>
    (condition ? withValues.where(condition) : withValues).limit(limit).execute()
  const behind = values && compare(by, order === 'asc' ? '>' : '<', values)
  let found: { cursor_values: string[] }[]
  if (values && ties.length > 0) {
    // Two queries that each read one range of an index: the rest of the tied rows, and the rows after them.
    found = await read(size + 1, sql`${compare(by, '=', values)} and ${compare(ties, '<', values.slice(by.length))}`)
    if (found.length <= size) found.push(...(await read(size + 1 - found.length, behind)))
  } else {
    found = await read(size + 1, behind)
  }
  const last = found.length > size ? found[size - 1] : undefined
  return {
    data: found.slice(0, size).map(({ cursor_values: _, ...row }) => row as O),
    next_cursor: last ? Buffer.from(JSON.stringify([...list, ...last.cursor_values])).toString('base64url') : null
  }
}

function compare(keys: CursorKey[], operator: '<' | '=' | '>', values: string[]): RawBuilder<SqlBool> {
  const expressions = sql.join(keys.map(({ of }) => of))
  return sql`(${expressions}) ${sql.raw(operator)} (${sql.join(keys.map(({ type }, index) => sql`${values[index]}::${sql.raw(type)}`))})`
}

function readCursor(cursor: string, list: string[], keys: CursorKey[]): string[] {
  const invalid = new Refusal(400, 'invalid', 'Not a cursor of this list', {
    issues: [{ path: 'cursor', message: 'Not a cursor of this list' }]
  })
  let parts: unknown
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
  } catch {
    throw invalid
  }
  if (!Array.isArray(parts) || parts.length !== list.length + keys.length || !parts.every(part => typeof part === 'string')) throw invalid
  const values = parts.slice(list.length)
  if (list.some((part, index) => parts[index] !== part) || !keys.every(({ type }, index) => isOfType[type](values[index]!))) throw invalid
  return values
}

const isOfType: Record<CursorKey['type'], (value: string) => boolean> = {
  // As Postgres writes times: 2026-01-31 09:00:00.123456+00.
  timestamptz: value => value === 'infinity' || timestamp.safeParse(value.replace(' ', 'T').replace(/[+-]\d\d$/, '$&:00')).success,
  integer: value => /^\d{1,9}$/.test(value),
  bigint: value => /^\d{1,18}$/.test(value),
  text: value => !value.includes('\0') && value.isWellFormed(),
  uuid: value => uuid.safeParse(value).success
}
