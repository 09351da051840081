import { bulkActions } from '../../bulk'
import { count, id, timestamp } from '../answer'
import { z } from '../zod'

const status = z.enum(['waiting', 'running', 'done', 'failed', 'undoing', 'undone'])

export const bulkOperation = z
  .object({
    id,
    action: z.enum(bulkActions),
    value: z.unknown().describe('As it was asked for.'),
    status: status.describe('`waiting`, `running` and `undoing` go on by themselves; `failed` stopped at `error` and keeps its changes.'),
    total: count.describe('Tickets that the request named.'),
    processed: count.describe('Tickets processed so far.'),
    updated: count.describe('Tickets that it changed; the others had the value already.'),
    restored: count.describe('Tickets that undo restored.'),
    skipped: count.describe('Tickets that undo left alone: somebody changed them since, or they cannot be restored.'),
    error: z.string().nullable(),
    created_at: timestamp,
    finished_at: timestamp.nullable()
  })
  .meta({ id: 'BulkOperation', description: 'One change of many tickets; its author sees it for a day.' })

export const bulkAnswer = z
  .object({ operation_id: id, status, total: count, updated: count })
  .meta({ id: 'BulkAnswer', description: 'A bulk change, finished or started.' })

export const bulkUndone = z
  .object({ status, restored: count, skipped: count })
  .meta({ id: 'BulkUndone', description: 'An undo, finished or started.' })

export type BulkOperation = z.output<typeof bulkOperation>
export type BulkAnswer = z.output<typeof bulkAnswer>
export type BulkUndone = z.output<typeof bulkUndone>
