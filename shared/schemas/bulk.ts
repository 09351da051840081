import { z } from './zod'
import { bulkLimits } from '../bulk'
import { uuid } from './text'
import { categoryKey, finishedFilter, severity, snoozedUntil, tag, ticketPriority, ticketStatus } from './ticket'

const nothing = z.null('This action takes no value').default(null)

const path = z.union(
  [
    z.strictObject({ category: categoryKey, type_id: uuid.nullable().default(null), item_id: uuid.nullable().default(null) }),
    categoryKey.transform(category => ({ category, type_id: null, item_id: null }))
  ],
  'Not a category key or path'
)

// Each action with the type of its value.
function changes<T extends z.ZodRawShape>(others: T) {
  return z.discriminatedUnion(
    'action',
    [
      z.strictObject({ ...others, action: z.literal('reassign'), value: uuid.nullable() }),
      z.strictObject({ ...others, action: z.literal('close'), value: nothing }),
      z.strictObject({ ...others, action: z.literal('set_status'), value: ticketStatus }),
      z.strictObject({ ...others, action: z.literal('set_severity'), value: severity }),
      z.strictObject({ ...others, action: z.literal('set_priority'), value: ticketPriority }),
      z.strictObject({ ...others, action: z.literal('set_category'), value: path }),
      z.strictObject({ ...others, action: z.literal('snooze'), value: snoozedUntil }),
      z.strictObject({ ...others, action: z.literal('add_tag'), value: tag }),
      z.strictObject({ ...others, action: z.literal('remove_tag'), value: tag }),
      z.strictObject({ ...others, action: z.literal('delete'), value: nothing })
    ],
    'Not a bulk action'
  )
}

const ids = z
  .array(
    uuid.transform(id => id.toLowerCase()),
    'Name the tickets by their ids'
  )
  .min(1, 'Name at least one ticket')
  .max(bulkLimits.ids, 'Name at most 10,000 tickets')
  .refine(ids => new Set(ids).size === ids.length, 'A ticket is named twice')

export const bulkChange = changes({})

/** A bulk change with its tickets: given by their ids, or by a list filter that is evaluated when the request arrives. */
export const bulkRequest = changes({ ids: ids.optional(), filter: finishedFilter.optional() }).refine(
  ({ ids, filter }) => (ids === undefined) !== (filter === undefined),
  { path: ['ids'], message: 'Give either ids or filter' }
)

export type BulkChange = z.output<typeof bulkChange>
export type BulkRequest = z.output<typeof bulkRequest>
