import { bulkAnswer, bulkOperation, bulkUndone } from '#shared/schemas/answers/bulk'
import { bulkRequest } from '#shared/schemas/bulk'
import { json, type Noun } from '../describe'

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
      answers: { 200: json(bulkAnswer, 'Done.'), 202: json(bulkAnswer, 'Begun; read the operation to follow it.') },
      refusals: {
        422: '`status_transition`, `snooze_status`, `tag_limit`, `too_many`: some tickets cannot follow; the message names them.'
      }
    },
    'GET /teams/[teamId]/operations/[operationId]': {
      id: 'getOperation',
      summary: 'Follow a bulk change',
      permission: 'tickets.view',
      answers: { 200: json(bulkOperation, "A bulk change of the caller's.") }
    },
    'POST /teams/[teamId]/operations/[operationId]/undo': {
      id: 'undoOperation',
      summary: 'Undo a bulk change',
      permission: 'tickets.update',
      description:
        'Gives the tickets back what it took. Those that somebody changed since are left alone; what was deleted cannot be brought back.',
      answers: { 200: json(bulkUndone, 'Undone.'), 202: json(bulkUndone, 'Begun; read the operation to follow it.') },
      refusals: { 409: '`not_undoable`, `still_running`, `already_undone`.' }
    }
  }
}
