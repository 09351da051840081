import { count, id, timestamp, priority, status } from '../answer'
import { textFormat } from '../text'
import { z } from '../zod'
import { openClockStates } from '../../sla/clock'
import { citedArticle } from './article'
import { attachment } from './attachment'
import { person } from './person'
import { slaMetric } from './sla'

/**
 * A ticket as routes answer it: the columns of `private.ticket_rows` that callers get, in this order. The type, the API document
 * and the server's select list are derived from it.
 */
export const ticket = z
  .object({
    id,
    team_id: id,
    ticket_number: z.int().min(1).describe('Counts from 1 in each team; never reused.'),
    subject: z.string(),
    description: z.string(),
    severity: z.int().min(1).max(5).describe('1 is the most severe.'),
    category: z.string().describe('The key of its category.'),
    type_id: id.nullable(),
    item_id: id.nullable(),
    project_id: id.nullable(),
    channel: z.string().describe('The channel through which it was created.'),
    assigned_to: id.nullable(),
    snoozed_until: timestamp
      .nullable()
      .describe(
        'When the snooze ends. It ends earlier if somebody other than the snoozer writes in the ticket, or if it is reassigned, resolved or closed. ' +
          'Null if it is not snoozed.'
      ),
    snoozed_by: id.nullable().describe('The member who snoozed it; also null if they have left since.'),
    contact_id: id.nullable().describe('The contact who asked; null for a ticket without an address, or with one of the team itself.'),
    requester_email: z.string().nullable(),
    requester_name: z.string().nullable(),
    resolved_at: timestamp.nullable(),
    closed_at: timestamp.nullable(),
    first_response_at: timestamp.nullable().describe('When an agent first replied publicly.'),
    awaiting_reply_since: timestamp
      .nullable()
      .describe("Since when the client waits for a public answer: the time of their oldest message without one. Null if they don't."),
    last_message_at: timestamp.describe('When the newest public message was written; at first the request itself.'),
    last_message_by: z.enum(['agent', 'requester']).describe('Who wrote it. Every client who takes part counts as `requester`.'),
    sla_metric: slaMetric.nullable().describe('The SLA clock that is due next; null if none is open.'),
    sla_state: z.enum(openClockStates).nullable().describe('The state of that clock; `paused` if all open clocks are paused.'),
    sla_due_at: timestamp.nullable().describe('When it is due; null while it is paused.'),
    last_activity_at: timestamp,
    created_by: id,
    created_at: timestamp,
    updated_at: timestamp,
    reply_count: count,
    version: z.int().min(1).describe('Increases with every change; see `If-Match`.'),
    assignee_name: z.string().nullable(),
    type_name: z.string().nullable(),
    item_name: z.string().nullable(),
    project_name: z.string().nullable(),
    status,
    priority,
    format: textFormat.describe('How to display the description: `text` exactly as written, or `markdown`.'),
    created_by_name: z.string().nullable(),
    category_name: z.string(),
    excerpt: z.string().describe('The first 280 characters of the description.'),
    assignee: person.nullable(),
    tags: z.array(z.string())
  })
  .meta({ id: 'Ticket', description: 'A request of a client, with its status and properties.' })

/** A ticket in a realtime broadcast. */
export const ticketRow = ticket.omit({ description: true })

/** One ticket with its own files, while those of replies are with the replies, and the articles that it cites. */
export const ticketDetail = ticket
  .extend({
    attachments: z.array(attachment).describe('Files of the ticket itself, the oldest first.'),
    articles: z.array(citedArticle).describe('Cited articles that the caller may read, the first cited first.')
  })
  .meta({ id: 'TicketDetail', description: 'A ticket with its files and the articles that it cites.' })

export type TicketDetail = z.output<typeof ticketDetail>
export type Ticket = z.output<typeof ticket>
export type TicketRow = z.output<typeof ticketRow>

export const tagCount = z
  .object({ tag: z.string(), count })
  .meta({ id: 'TagCount', description: 'A tag and the number of tickets with it.' })

export const ticketCounts = z
  .object({ open: count, in_progress: count, waiting: count, resolved: count, closed: count })
  .meta({ id: 'TicketCounts', description: 'The number of tickets in each status.' })

export type TagCount = z.output<typeof tagCount>
export type TicketCounts = z.output<typeof ticketCounts>
