import type { z } from './zod'
import { wholeNumber } from './text'

const usual = 25

/** How many rows a page has, where `ways` ask for one. */
export function pageSize(ways = '`cursor`') {
  return wholeNumber(1, 100).optional().describe(`A whole number from 1 to 100; ${usual} without it. Goes with ${ways}.`)
}

/**
 * The query of a list that comes whole or in pages: how long a page is says nothing where none is asked for, and whoever
 * says it believes to get one.
 */
export function paged<T extends z.ZodType<{ page?: number, page_size?: number, cursor?: string }>>(query: T, ways = 'cursor') {
  return query
    .refine(({ page, page_size, cursor }) => page_size === undefined || page !== undefined || cursor !== undefined, { path: ['page_size'], message: `Goes with ${ways}: without, the list is whole` })
    .transform(query => ({ ...query, page_size: query.page_size ?? usual }))
}
