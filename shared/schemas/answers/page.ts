import { count } from '../answer'
import { z } from '../zod'

/** A page by its number, where the query has `page`. */
export function page<T extends z.ZodType>(item: T) {
  return z.object({ data: z.array(item), total: count, page: z.int().min(1), page_size: z.int().min(1) })
}

/** A page by `cursor`. */
export function cursorPage<T extends z.ZodType>(item: T) {
  return z.object({
    data: z.array(item),
    next_cursor: z.string().nullable().describe('What `cursor` is for the next page; null on the last one.')
  })
}

// The type of a generic schema is deferred, and then fits nothing: the rows are put in by hand.
export interface Page<T> extends Omit<z.output<ReturnType<typeof page>>, 'data'> {
  data: T[]
}
export interface CursorPage<T> extends Omit<z.output<ReturnType<typeof cursorPage>>, 'data'> {
  data: T[]
}
