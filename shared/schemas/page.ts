import { z } from './zod'
import { wholeNumber } from './text'

const usual = 25

/** Rows of a list without `page` and `cursor`, at most: all of most teams, and what a browser can render. */
export const maxListLength = 1_000

/** Bytes of their JSON, at most: writing it blocks other requests. */
export const maxListBytes = 4_000_000

function pageSize(ways: string) {
  return wholeNumber(1, 100).optional().describe(`A whole number from 1 to 100; ${usual} without it. Goes with ${ways}.`)
}

/** Which page is asked for, from 1. */
export const pageNumber = wholeNumber(1, 100_000)

/** The fields of a query that asks for a page; pass them to `listQuery`. */
export const pageFields = { page: pageNumber.optional(), page_size: pageSize('`page`') }

// A cursor holds what its list is ordered by. The longest: 20 tags of 50 characters of 4 bytes, in base64.
export const cursor = z.string().max(6_000, 'Not a cursor of this list')

/** The fields of a query that asks for a page by its number or behind a cursor; pass them to `cursorListQuery`. */
export const cursorFields = { page: pageNumber.optional(), page_size: pageSize('`page` or `cursor`'), cursor: cursor.optional() }

/** The query of a list that takes nothing but a page. */
export const pageQuery = listQuery(z.strictObject(pageFields))

export type PageQuery = z.output<typeof pageQuery>

/** The query of a list that is answered whole or in pages. Refuses `page_size` alone: its sender expects a page. */
export function listQuery<T extends z.ZodType<{ page?: number; page_size?: number; cursor?: string }>>(query: T, ways = 'page') {
  return query
    .refine(({ page, page_size, cursor }) => page_size === undefined || page !== undefined || cursor !== undefined, {
      path: ['page_size'],
      message: `Goes with ${ways}: without, the list is whole`
    })
    .transform(query => ({ ...query, page_size: query.page_size ?? usual }))
}

/** The query of a list that is answered whole, in pages by number, or in pages behind a cursor. */
export function cursorListQuery<T extends z.ZodType<{ page?: number; page_size?: number; cursor?: string }>>(query: T) {
  return listQuery(
    query.refine(({ page, cursor }) => page === undefined || cursor === undefined, {
      path: ['cursor'],
      message: 'Use either page or cursor'
    }),
    'page or cursor'
  )
}
