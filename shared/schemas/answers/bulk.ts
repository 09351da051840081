import { bulkActions } from '../../bulk'
import { count, id, timestamp } from '../answer'
import { z } from '../zod'

const status = z.enum(['waiting', 'running', 'done', 'failed', 'undoing', 'undone'])

export const bulkOperation = z
  .object({
    id,
    action: z.enum(bulkActions),
    value: z.unknown().describe('The value of the request.'),
    status: status.describe(
      '`waiting`, `running` and `undoing` continue by themselves; `failed` stopped at `error` and keeps the changes made so far.'
    ),
    total: count.describe('Tickets that the request named.'),
    processed: count.describe('Tickets processed so far.'),
    updated: count.describe('Tickets that it changed; the others already had the value.'),
    restored: count.describe('Tickets that undo restored.'),
    skipped: count.describe('Tickets that undo skipped: somebody changed them since, or they cannot be restored.'),
    error: z.string().nullable(),
    created_at: timestamp,
    finished_at: timestamp.nullable()
  })
  .meta({ id: 'BulkOperation', description: 'One change of many tickets; its author can read it for a day.' })

export const bulkAnswer = z
  .object({ operation_id: id, status, total: count, updated: count })
  .meta({ id: 'BulkAnswer', description: 'A bulk change, finished or started.' })

export const bulkUndone = z
  .object({ status, restored: count, skipped: count })
  .meta({ id: 'BulkUndone', description: 'An undo, finished or started.' })

export type BulkOperation = z.output<typeof bulkOperation>
export type BulkAnswer = z.output<typeof bulkAnswer>
export type BulkUndone = z.output<typeof bulkUndone>
