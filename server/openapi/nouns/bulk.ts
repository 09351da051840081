import { bulkActions } from '#shared/bulk'
import { bulkRequest } from '#shared/schemas/bulk'
import type { BulkAnswer, BulkOperation, BulkUndone } from '#shared/types/api'
import { z } from '#shared/schemas/zod'
import { count, id, json, moment, row, type Noun } from '../describe'

const status = z.enum(['waiting', 'running', 'done', 'failed', 'undoing', 'undone'])

const operation = row<BulkOperation>()(
  'BulkOperation',
  'One change of many tickets; its author sees it for a day.',
  z.object({
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
)

const answer = row<BulkAnswer>()(
  'BulkAnswer',
  'A bulk change that was made or begun.',
  z.object({ operation_id: id, status, total: count, updated: count })
)
const undone = row<BulkUndone>()('BulkUndone', 'An undo that was made or begun.', z.object({ status, restored: count, skipped: count }))

export const bulk: Noun = {
  name: 'Bulk changes',
  description: 'One change of up to 50,000 tickets, which its author can undo for a day.',
  routes: {
    'POST /teams/[teamId]/tickets/bulk': {
      id: 'changeTickets',
      summary: 'Change many tickets',
      permission: 'tickets.update',
      body: bulkRequest,
      description:
        'Names the tickets by `ids` or by the `filter` of a list, and changes all of them or none. `reassign` needs `tickets.assign` as well, `close` needs `tickets.close`, `delete` needs `tickets.delete`. More than 200 are changed by a job: the answer is 202, and the operation tells how far it is.',
      answers: { 200: json(answer, 'Done.'), 202: json(answer, 'Begun; read the operation to follow it.') },
      refusals: {
        422: '`status_transition`, `snooze_status`, `tag_limit`, `too_many`: some tickets cannot follow; the message names them.'
      }
    },
    'GET /teams/[teamId]/operations/[operationId]': {
      id: 'getOperation',
      summary: 'Follow a bulk change',
      permission: 'tickets.view',
      answers: { 200: json(operation, "A bulk change of the caller's.") }
    },
    'POST /teams/[teamId]/operations/[operationId]/undo': {
      id: 'undoOperation',
      summary: 'Undo a bulk change',
      permission: 'tickets.update',
      description:
        'Gives the tickets back what it took. Those that somebody changed since are left alone; what was deleted cannot be brought back.',
      answers: { 200: json(undone, 'Undone.'), 202: json(undone, 'Begun; read the operation to follow it.') },
      refusals: { 409: '`not_undoable`, `still_running`, `already_undone`.' }
    }
  }
}
