import { z } from './zod'
import { wholeNumber } from './text'

const defaultPageSize = 25

/** Maximum rows of a list without `page` and `cursor`: enough for most teams, and still renderable in a browser. */
export const maxListLength = 1_000

/** Maximum bytes of such a list as JSON: serialising it blocks other requests. */
export const maxListBytes = 4_000_000

function pageSize(ways: string) {
  return wholeNumber(1, 100).optional().describe(`A whole number from 1 to 100; ${defaultPageSize} by default. Requires ${ways}.`)
}

/** Counts from 1. */
export const pageNumber = wholeNumber(1, 100_000)

/** Query fields for paging by number; pass them to `listQuery`. */
export const pageFields = { page: pageNumber.optional(), page_size: pageSize('`page`') }

// A cursor contains the sort values of a row. The longest are 20 tags of 50 characters of 4 bytes, in base64.
export const cursor = z.string().max(6_000, 'Not a cursor of this list')

/** Query fields for paging by number or cursor; pass them to `cursorListQuery`. */
export const cursorFields = { page: pageNumber.optional(), page_size: pageSize('`page` or `cursor`'), cursor: cursor.optional() }

/** The query of a list without filters. */
export const pageQuery = listQuery(z.strictObject(pageFields))

export type PageQuery = z.output<typeof pageQuery>

/** The query of a list that is answered whole or in pages. Rejects `page_size` alone, because its sender expects a page. */
export function listQuery<T extends z.ZodType<{ page?: number; page_size?: number; cursor?: string }>>(query: T, ways = 'page') {
  return query
    .refine(({ page, page_size, cursor }) => page_size === undefined || page !== undefined || cursor !== undefined, {
      path: ['page_size'],
      message: `Requires ${ways}: without it, the whole list is returned`
    })
    .transform(query => ({ ...query, page_size: query.page_size ?? defaultPageSize }))
}

/** The query of a list that is answered whole, in pages by number, or in pages by cursor. */
export function cursorListQuery<T extends z.ZodType<{ page?: number; page_size?: number; cursor?: string }>>(query: T) {
  return listQuery(
    query.refine(({ page, cursor }) => page === undefined || cursor === undefined, {
      path: ['cursor'],
      message: 'Use either page or cursor'
    }),
    'page or cursor'
  )
}
