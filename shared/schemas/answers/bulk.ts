import { bulkActions } from '../../bulk'
import { count, id, moment } from '../answer'
import { z } from '../zod'

const status = z.enum(['waiting', 'running', 'done', 'failed', 'undoing', 'undone'])

export const bulkOperation = z
  .object({
    id,
    action: z.enum(bulkActions),
    value: z.unknown().describe('As it was asked for.'),
    status: status.describe(
      '`waiting`, `running` and `undoing` go on by themselves; `failed` has stopped at `error`, and keeps what was done.'
    ),
    total: count.describe('Tickets that it was asked for.'),
    processed: count.describe('Those it has come to.'),
    updated: count.describe('Of these, the ones that were not so already.'),
    restored: count.describe('By undo: tickets that are as before.'),
    skipped: count.describe(
      'By undo: tickets that were left alone, because somebody changed them since or because they cannot be as before.'
    ),
    error: z.string().nullable(),
    created_at: moment,
    finished_at: moment.nullable()
  })
  .meta({ id: 'BulkOperation', description: 'One change of many tickets; its author sees it for a day.' })

export const bulkAnswer = z
  .object({ operation_id: id, status, total: count, updated: count })
  .meta({ id: 'BulkAnswer', description: 'A bulk change that was made or begun.' })

export const bulkUndone = z
  .object({ status, restored: count, skipped: count })
  .meta({ id: 'BulkUndone', description: 'An undo that was made or begun.' })

export type BulkOperation = z.output<typeof bulkOperation>
export type BulkAnswer = z.output<typeof bulkAnswer>
export type BulkUndone = z.output<typeof bulkUndone>
