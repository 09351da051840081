import { reply } from '#shared/schemas/answers/reply'
import { readMark, tagCount, ticket, ticketCounts, ticketDetail } from '#shared/schemas/answers/ticket'
import { tagQuery, ticketCountsQuery, ticketCreate, ticketInclude, ticketQuery, ticketUpdate } from '#shared/schemas/ticket'
import { z } from '#shared/schemas/zod'
import { cursorList, deleted, id, json, list, truncatable, type Noun } from '../describe'
import { infected, unsendable } from './attachment'

const ticketWithReplies = ticketDetail
  .extend({ replies: z.array(reply).describe('Replies and notes, the oldest first.') })
  .meta({ id: 'TicketWithReplies', description: 'A ticket with its conversation.' })

const idOrNumber = { ticketId: z.union([id, z.string().regex(/^\d{1,9}$/)]).describe("The ticket's id, or its number.") }
const stale = '`version`: somebody has changed the ticket since; `data.current` is the ticket as it is now.'
const unknown = '`unknown_category` and others: the category, type, item or assignee does not belong to the team.'

export const tickets: Noun = {
  name: 'Tickets',
  description:
    'The requests of clients. The status of a ticket is open, in_progress, waiting, resolved or closed. A closed ticket can only be reopened.',
  routes: {
    'GET /teams/[teamId]/tickets': {
      id: 'listTickets',
      summary: 'List tickets',
      permission: 'tickets.view',
      query: ticketQuery,
      description:
        'A ticket must match one value of a repeated filter, and all different filters. `q` searches, with operators such as `status:open`. Snoozed tickets are included, unless `snoozed=false`.',
      answers: { 200: cursorList(ticket, 'The tickets: an array, a page, or a page of a cursor.') }
    },
    'GET /teams/[teamId]/tickets/counts': {
      id: 'countTickets',
      summary: 'Count tickets by status',
      permission: 'tickets.view',
      query: ticketCountsQuery,
      answers: { 200: json(ticketCounts, 'The number of matching tickets in each status.') }
    },
    'GET /teams/[teamId]/tags': {
      id: 'listTags',
      summary: 'List tags',
      permission: 'tickets.view',
      query: tagQuery,
      description: 'The most used tag comes first. With `q`, only tags that begin with it, or that have a word that does.',
      answers: { 200: list(tagCount, "Tags of the team's tickets.") }
    },
    'POST /teams/[teamId]/tickets': {
      id: 'createTicket',
      summary: 'Create a ticket',
      permission: 'tickets.create',
      body: ticketCreate,
      description:
        'The caller becomes the creator. `assigned_to` also needs `tickets.assign`, and the status `closed` needs `tickets.close`. `upload_ids` are uploads of the caller; they become files of the ticket.',
      answers: { 201: json(ticket, 'The new ticket, with its number.') },
      refusals: { 400: unknown, 409: unsendable, 422: infected }
    },
    'GET /teams/[teamId]/tickets/[ticketId]': {
      id: 'getTicket',
      summary: 'Read a ticket',
      permission: 'tickets.view',
      parameters: idOrNumber,
      query: ticketInclude,
      description: '`include=replies` adds the conversation, up to the limit of a list without pages.',
      answers: { 200: truncatable(z.union([ticketDetail, ticketWithReplies]), 'The ticket.') }
    },
    'PATCH /teams/[teamId]/tickets/[ticketId]': {
      id: 'updateTicket',
      summary: 'Change a ticket',
      permission: 'tickets.update',
      body: ticketUpdate,
      ifMatch: true,
      description:
        'Changes only the given fields. `assigned_to` also needs `tickets.assign`; closing a ticket, and reopening a closed one, need `tickets.close`. `snoozed_until` snoozes the ticket for the whole team, for at most a year; null wakes it. `tags` replaces all tags; `add_tags` and `remove_tags` keep concurrent changes of other tags.',
      answers: { 200: json(ticket, 'The ticket as it is now.') },
      refusals: {
        400: unknown,
        412: stale,
        422: '`status_transition`: the ticket cannot change to this status. `snooze_past`, `snooze_too_long`: it cannot be snoozed until this time. `snooze_status`: it cannot be snoozed in its status. `tag_limit`: it would have more than 20 tags.'
      }
    },
    'PUT /teams/[teamId]/tickets/[ticketId]/read': {
      id: 'markTicketRead',
      summary: 'Mark a ticket as read',
      permission: 'own.manage',
      answers: { 200: json(readMark, 'Until when the caller has read it.') }
    },
    'DELETE /teams/[teamId]/tickets/[ticketId]/read': {
      id: 'markTicketUnread',
      summary: 'Mark a ticket as unread',
      permission: 'own.manage',
      description: 'Until the caller opens it again, its last message is new to them.',
      answers: { 200: json(readMark, 'Until when the caller has read it.') }
    },
    'DELETE /teams/[teamId]/tickets/[ticketId]': {
      id: 'deleteTicket',
      summary: 'Delete a ticket',
      description: 'Deletes the ticket with its conversation. This cannot be undone.',
      permission: 'tickets.delete',
      ifMatch: true,
      answers: deleted,
      refusals: { 412: stale }
    },
    'PUT /teams/[teamId]/tickets/[ticketId]/claim': {
      id: 'claimTicket',
      summary: 'Claim an unassigned ticket',
      permission: 'tickets.claim',
      answers: { 200: json(ticket, 'The ticket, which is now assigned to the caller.') },
      refusals: { 409: '`assigned`: somebody else has the ticket; `data.current` is the ticket as it is now.' }
    },
    'DELETE /teams/[teamId]/tickets/[ticketId]/claim': {
      id: 'releaseTicket',
      summary: 'Release your ticket',
      permission: 'tickets.claim',
      answers: { 200: json(ticket, 'The ticket, which is now unassigned.') },
      refusals: { 409: '`assigned`: somebody else has the ticket.' }
    }
  }
}
