import { z } from './zod'
import type { ViewFilters } from '../views'
import { line, draftText } from './text'
import { finishedFilter, ticketFilter, ticketSorts, type TicketFilter } from './ticket'

const viewQuery = finishedFilter.extend({ sort: z.enum(ticketSorts, 'Not a sortable column'), order: z.enum(['asc', 'desc']) }).partial()

const value = draftText(500, 'A filter')

/** Filters as the query parameters of the list; rejected if the list would reject them. */
export const viewFilters = z
  .record(
    z.string(),
    z.union([value, z.array(value).max(50, { abort: true })], {
      error: ({ input }) =>
        Array.isArray(input) && input.length > 50 ? 'Name at most 50 values' : 'A filter must be a text or a list of texts'
    })
  )
  .check(context => {
    const parsed = viewQuery.safeParse(context.value)
    for (const issue of parsed.error?.issues ?? []) {
      const path = issue.code === 'unrecognized_keys' ? [issue.keys[0]!] : issue.path
      context.issues.push({
        code: 'custom',
        input: context.value,
        path,
        message: issue.code === 'unrecognized_keys' ? 'Unknown filter' : issue.message
      })
    }
  })

const position = z
  .number('Position must be a number')
  .int('Position must be whole')
  .min(0, 'The first position is 0')
  .max(10_000, 'Position is too large')

export const savedViewCreate = z.strictObject({
  name: line(100, 'Name'),
  filters: viewFilters,
  is_shared: z.boolean('Must be true or false').default(false),
  position: position.default(0)
})

export const savedViewUpdate = z
  .strictObject({ name: line(100, 'Name'), filters: viewFilters, is_shared: z.boolean('Must be true or false'), position })
  .partial()

export type SavedViewCreate = z.output<typeof savedViewCreate>
export type SavedViewUpdate = z.output<typeof savedViewUpdate>

/** Stored filters without those that are no longer valid, and whether there were any. */
export function readViewFilters(stored: unknown): { filters: ViewFilters; isRepaired: boolean } {
  const entries = Object.entries(stored !== null && typeof stored === 'object' ? stored : {})
  const understood = entries.filter(([key, value]) => viewFilters.safeParse({ [key]: value }).success)
  return { filters: Object.fromEntries(understood) as ViewFilters, isRepaired: understood.length < entries.length }
}

/** The conditions of filters from `readViewFilters`, without the sort order. */
export function viewConditions({ sort: _, order: __, ...filters }: ViewFilters): TicketFilter {
  return ticketFilter.parse(filters)
}
