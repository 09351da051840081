import { count } from '../answer'
import { z } from '../zod'

/** A page by number, for queries with `page`. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), total: count, page: z.int().min(1), page_size: z.int().min(1) })
}

/** A page by `cursor`. */
export function cursorPage<T extends z.ZodType>(item: T) {
  return z.object({
    data: z.array(item),
    next_cursor: z.string().nullable().describe('The `cursor` of the next page; null on the last page.')
  })
}

// TypeScript defers the type of a generic schema and then assigns nothing to it, so `data` is typed by hand.
export interface Page<T> extends Omit<z.output<ReturnType<typeof page>>, 'data'> {
  data: T[]
}
export interface CursorPage<T> extends Omit<z.output<ReturnType<typeof cursorPage>>, 'data'> {
  data: T[]
}
