import { z } from './zod'
import { wholeNumber } from './text'

const usual = 25

/** What a list answers without `page` and `cursor` at most: everything for most teams, and no more than a browser can bear. */
export const maxListLength = 1_000

/** And of its JSON: what is longer costs everybody's time. */
export const maxListBytes = 4_000_000

/** How many rows a page has, where `ways` ask for one. */
export function pageSize(ways = '`cursor`') {
  return wholeNumber(1, 100).optional().describe(`A whole number from 1 to 100; ${usual} without it. Goes with ${ways}.`)
}

/** Which page is asked for, from 1. */
export const pageNumber = wholeNumber(1, 100_000)

/** What asks for a page of a list that comes whole without it: goes through `paged`. */
export const pageFields = { page: pageNumber.optional(), page_size: pageSize('`page`') }

/** The query of a list that takes nothing but a page. */
export const pageQuery = paged(z.strictObject(pageFields))

export type PageQuery = z.output<typeof pageQuery>

/**
 * The query of a list that comes whole or in pages: how long a page is says nothing where none is asked for, and whoever
 * says it believes to get one.
 */
export function paged<T extends z.ZodType<{ page?: number; page_size?: number; cursor?: string }>>(query: T, ways = 'page') {
  return query
    .refine(({ page, page_size, cursor }) => page_size === undefined || page !== undefined || cursor !== undefined, {
      path: ['page_size'],
      message: `Goes with ${ways}: without, the list is whole`
    })
    .transform(query => ({ ...query, page_size: query.page_size ?? usual }))
}

/** The query of a list that comes whole, in pages by number or behind a cursor: by one of the two. */
export function onePaging<T extends z.ZodType<{ page?: number; page_size?: number; cursor?: string }>>(query: T) {
  return paged(
    query.refine(({ page, cursor }) => page === undefined || cursor === undefined, {
      path: ['cursor'],
      message: 'Use either page or cursor'
    }),
    'page or cursor'
  )
}
