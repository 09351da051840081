import { bulkAnswer, bulkOperation, bulkUndone } from '#shared/schemas/answers/bulk'
import { bulkRequest } from '#shared/schemas/bulk'
import { json, type Noun } from '../describe'

export const bulk: Noun = {
  name: 'Bulk changes',
  description: 'One change of up to 50,000 tickets. Its author can undo it for a day.',
  routes: {
    'POST /teams/[teamId]/tickets/bulk': {
      id: 'changeTickets',
      summary: 'Change many tickets',
      permission: 'tickets.update',
      body: bulkRequest,
      description:
        'Selects the tickets by `ids` or by the `filter` of a list, and changes all of them or none. `reassign` also needs `tickets.assign`, `close` needs `tickets.close`, `delete` needs `tickets.delete`. A job changes more than 200 tickets: the answer is 202, and the operation shows its progress.',
      answers: {
        200: json(bulkAnswer, 'The change is done.'),
        202: json(bulkAnswer, 'The change has started. Read the operation to follow it.')
      },
      refusals: {
        422: '`status_transition`, `snooze_status`, `tag_limit`: the change is not possible for some tickets, which the message names. `too_many`: more than 50,000 tickets.'
      }
    },
    'GET /teams/[teamId]/operations/[operationId]': {
      id: 'getOperation',
      summary: 'Follow a bulk change',
      permission: 'tickets.view',
      answers: { 200: json(bulkOperation, 'A bulk change of the caller, with its progress.') }
    },
    'POST /teams/[teamId]/operations/[operationId]/undo': {
      id: 'undoOperation',
      summary: 'Undo a bulk change',
      permission: 'tickets.update',
      description:
        'Restores the previous values of the tickets, except of tickets that somebody has changed since. A deletion cannot be undone.',
      answers: {
        200: json(bulkUndone, 'The change is undone.'),
        202: json(bulkUndone, 'The undo has started. Read the operation to follow it.')
      },
      refusals: { 409: '`not_undoable`: it was a deletion. `still_running`: it has not finished. `already_undone`: it was undone before.' }
    }
  }
}
