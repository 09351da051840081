import { count, id, timestamp, priority, status } from '../answer'
import { textFormat } from '../text'
import { z } from '../zod'
import { person } from './person'

/**
 * A ticket as routes answer it: the columns of `private.ticket_rows` that callers get, in this order. Type, API document and
 * the server's select list are made of it.
 */
export const ticket = z
  .object({
    id,
    team_id: id,
    ticket_number: z.int().min(1).describe('Counts from 1 in each team; never used twice.'),
    subject: z.string(),
    description: z.string(),
    severity: z.int().min(1).max(5).describe('1 is the worst.'),
    category: z.string().describe('The key of its category.'),
    type_id: id.nullable(),
    item_id: id.nullable(),
    channel: z.string().describe('How it came in.'),
    assigned_to: id.nullable(),
    snoozed_until: timestamp
      .nullable()
      .describe(
        'Snoozed until then, or until somebody but its snoozer writes in it, it gets another assignee, is resolved or closed. Null: it is not snoozed.'
      ),
    snoozed_by: id.nullable().describe('Who snoozed it; null too where they have left since.'),
    requester_email: z.string().nullable(),
    requester_name: z.string().nullable(),
    resolved_at: timestamp.nullable(),
    closed_at: timestamp.nullable(),
    first_response_at: timestamp.nullable().describe('When the first public reply was written.'),
    last_activity_at: timestamp,
    created_by: id,
    created_at: timestamp,
    updated_at: timestamp,
    reply_count: count,
    version: z.int().min(1).describe('Rises with every change; see `If-Match`.'),
    assignee_name: z.string().nullable(),
    type_name: z.string().nullable(),
    item_name: z.string().nullable(),
    status,
    priority,
    format: textFormat.describe('How to read the description: `text` exactly as written, or `markdown`.'),
    created_by_name: z.string().nullable(),
    category_name: z.string(),
    excerpt: z.string().describe('The first 280 characters of the description.'),
    assignee: person.nullable(),
    tags: z.array(z.string())
  })
  .meta({ id: 'Ticket', description: 'What somebody asked for.' })

/** What realtime sends of a ticket. */
export const ticketRow = ticket.omit({ description: true })

export type Ticket = z.output<typeof ticket>
export type TicketRow = z.output<typeof ticketRow>

export const tagCount = z.object({ tag: z.string(), count }).meta({ id: 'TagCount', description: 'A tag, and how many tickets carry it.' })

export const ticketCounts = z
  .object({ open: count, in_progress: count, waiting: count, resolved: count, closed: count })
  .meta({ id: 'TicketCounts', description: 'Tickets of each status.' })

export type TagCount = z.output<typeof tagCount>
export type TicketCounts = z.output<typeof ticketCounts>
