import { reply } from '#shared/schemas/answers/reply'
import { tagCount, ticket, ticketCounts } from '#shared/schemas/answers/ticket'
import { tagQuery, ticketCountsQuery, ticketCreate, ticketInclude, ticketQuery, ticketUpdate } from '#shared/schemas/ticket'
import { z } from '#shared/schemas/zod'
import { cursorList, deleted, id, json, list, truncatable, type Noun } from '../describe'

const ticketWithReplies = ticket
  .extend({ replies: z.array(reply).describe('Replies and notes, the oldest first.') })
  .meta({ id: 'TicketWithReplies', description: 'A ticket with its conversation.' })

const idOrNumber = { ticketId: z.union([id, z.string().regex(/^\d{1,9}$/)]).describe("The ticket's id, or its number.") }
const stale = '`version`: somebody changed the ticket since; `data.current` is the ticket as it is now.'
const unknown = "`unknown_category` and others: the category, type, item or assignee is none of the team's."

export const tickets: Noun = {
  name: 'Tickets',
  description:
    'What people asked for. A status is open, in_progress, waiting, resolved or closed; a closed ticket can only be opened again.',
  routes: {
    'GET /teams/[teamId]/tickets': {
      id: 'listTickets',
      summary: 'List tickets',
      permission: 'tickets.view',
      query: ticketQuery,
      description:
        'A repeated filter means any of its values; different filters must all hold. `q` searches, with operators such as `status:open`. Snoozed tickets are listed with the rest unless `snoozed=false`.',
      answers: { 200: cursorList(ticket, 'The tickets, in the shape that was asked for.') }
    },
    'GET /teams/[teamId]/tickets/counts': {
      id: 'countTickets',
      summary: 'Count tickets by status',
      permission: 'tickets.view',
      query: ticketCountsQuery,
      answers: { 200: json(ticketCounts, 'How many match the filter in each status.') }
    },
    'GET /teams/[teamId]/tags': {
      id: 'listTags',
      summary: 'List tags',
      permission: 'tickets.view',
      query: tagQuery,
      description: 'The most used first; with `q` those that begin so, or hold a word that does.',
      answers: { 200: list(tagCount, "Tags of the team's tickets.") }
    },
    'POST /teams/[teamId]/tickets': {
      id: 'createTicket',
      summary: 'Create a ticket',
      permission: 'tickets.create',
      body: ticketCreate,
      description: 'In the name of the caller. `assigned_to` needs `tickets.assign` as well, and status `closed` needs `tickets.close`.',
      answers: { 201: json(ticket, 'The new ticket, with its number.') },
      refusals: { 400: unknown }
    },
    'GET /teams/[teamId]/tickets/[ticketId]': {
      id: 'getTicket',
      summary: 'Read a ticket',
      permission: 'tickets.view',
      parameters: idOrNumber,
      query: ticketInclude,
      description: '`include=replies` brings its conversation along, as far as the list of its replies goes without pages.',
      answers: { 200: truncatable(z.union([ticket, ticketWithReplies]), 'The ticket.') }
    },
    'PATCH /teams/[teamId]/tickets/[ticketId]': {
      id: 'updateTicket',
      summary: 'Change a ticket',
      permission: 'tickets.update',
      body: ticketUpdate,
      ifMatch: true,
      description:
        'Changes what is given and nothing else. `assigned_to` needs `tickets.assign` as well; closing, and opening a closed ticket, need `tickets.close`. `snoozed_until` snoozes it for the whole team, for a year at most; null wakes it. `tags` replaces them all; `add_tags` and `remove_tags` leave alone what others add or remove at the same time.',
      answers: { 200: json(ticket, 'The ticket as it is now.') },
      refusals: {
        400: unknown,
        412: stale,
        422: '`status_transition`: this status cannot follow. `snooze_past`, `snooze_too_long`, `snooze_status`: it cannot be snoozed until then, or in its status. `tag_limit`: it would have more than 20 tags.'
      }
    },
    'DELETE /teams/[teamId]/tickets/[ticketId]': {
      id: 'deleteTicket',
      summary: 'Delete a ticket',
      description: 'With its conversation. Cannot be undone.',
      permission: 'tickets.delete',
      ifMatch: true,
      answers: deleted,
      refusals: { 412: stale }
    },
    'PUT /teams/[teamId]/tickets/[ticketId]/claim': {
      id: 'claimTicket',
      summary: 'Take a ticket that nobody has',
      permission: 'tickets.claim',
      answers: { 200: json(ticket, "The ticket, which is the caller's now.") },
      refusals: { 409: '`assigned`: somebody else has it; `data.current` is the ticket as it is now.' }
    },
    'DELETE /teams/[teamId]/tickets/[ticketId]/claim': {
      id: 'releaseTicket',
      summary: 'Give your ticket back',
      permission: 'tickets.claim',
      answers: { 200: json(ticket, "The ticket, which is nobody's now.") },
      refusals: { 409: "`assigned`: it is somebody else's." }
    }
  }
}
