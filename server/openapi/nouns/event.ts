import { auditQuery, eventTypes, historyQuery } from '#shared/schemas/audit'
import type { TicketEvent, TicketEventType } from '#shared/types/event'
import { textFormat } from '#shared/schemas/text'
import { z } from '#shared/schemas/zod'
import { cursorList, id, moment, row, type Noun } from '../describe'
import { mention } from './person'
import { role } from './team'
import { priority, status } from './ticket'

type Side<T extends TicketEventType, S extends 'from' | 'to'> = Extract<TicketEvent, { type: T }>[S]

const none = z.null()
const person = z.object({ id, full_name: z.string().nullable() })
const ticket = z.object({ number: z.int(), subject: z.string() })
const path = z.object({ category: z.string(), category_name: z.string().nullable(), type_id: id.nullable(), type_name: z.string().nullable(), item_id: id.nullable(), item_name: z.string().nullable() })
const requester = z.object({ name: z.string().nullable(), email: z.string().nullable() })
const birth = ticket.extend({ status, priority, severity: z.int(), path, requester, assigned_to: person.nullable(), tags: z.array(z.string()) })
const rating = z.object({ score: z.int(), comment: z.string().nullable() }).nullable()
const settings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
const membership = z.object({ member: person, role })
const invitation = z.object({ email: z.string(), role })
const routing = z.object({ kind: z.enum(['category', 'type', 'item']), path: z.array(z.string()), portal_name: z.string().nullable().optional(), types: z.int().optional(), items: z.int().optional() })
const title = z.object({ title: z.string() })
const response = z.object({ title: z.string(), category: z.string().nullable().optional(), content: z.string().optional() })
const view = z.object({ name: z.string(), filters: z.record(z.string(), z.unknown()).optional() })
const name = z.object({ name: z.string() })
const apiKey = z.object({ name: z.string(), prefix: z.string(), member: person, scopes: z.array(z.string()) })
const webhook = z.object({ name: z.string(), url: z.string(), events: z.array(z.string()), is_active: z.boolean() })

const change = <T extends z.ZodType>(side: T) => ({ from: side, to: side })
const begin = <T extends z.ZodType>(to: T) => ({ from: none, to })
const end = <T extends z.ZodType>(from: T) => ({ from, to: none })

const payloads = {
  'ticket.created': begin(birth),
  'ticket.status_changed': change(status),
  'ticket.priority_changed': change(priority),
  'ticket.severity_changed': change(z.int()),
  'ticket.assigned': change(person.nullable()),
  'ticket.rerouted': change(path),
  'ticket.snoozed': change(moment.nullable()),
  'ticket.subject_changed': change(z.string()),
  'ticket.description_changed': change(none),
  'ticket.requester_changed': change(requester),
  'ticket.tags_changed': change(z.array(z.string())),
  'ticket.deleted': end(ticket),
  'ticket.rated': change(rating),
  'reply.created': begin(z.object({ id, is_internal: z.boolean(), content: z.string().optional(), mentions: z.array(mention).optional() })),
  'reply.deleted': end(z.object({ id, is_internal: z.boolean(), author: z.object({ id: id.nullable(), full_name: z.string().nullable() }), content: z.string(), format: textFormat, mentions: z.array(mention) })),
  'tickets.exported': begin(z.record(z.string(), z.unknown())),
  'audit.exported': begin(z.record(z.string(), z.unknown())),
  'team.created': begin(name),
  'team.updated': change(settings),
  'member.added': begin(membership),
  'member.role_changed': change(membership),
  'member.removed': end(membership),
  'invitation.created': begin(invitation),
  'invitation.renewed': change(invitation),
  'invitation.revoked': end(invitation),
  'routing.created': begin(routing),
  'routing.updated': change(routing),
  'routing.deleted': end(routing),
  'canned_response.created': begin(title),
  'canned_response.updated': change(response),
  'canned_response.deleted': end(response),
  'view.shared': begin(view),
  'view.updated': change(view),
  'view.unshared': end(view),
  'api_key.created': begin(apiKey),
  'api_key.rotated': change(apiKey),
  'api_key.revoked': end(apiKey),
  'webhook.created': begin(webhook),
  'webhook.updated': change(webhook),
  'webhook.deleted': end(webhook),
  'webhook.secret_rotated': begin(name),
  'webhook.disabled': begin(z.object({ id, name: z.string(), reason: z.string() }))
} satisfies { [T in TicketEventType]: { from: z.ZodType<Side<T, 'from'>>, to: z.ZodType<Side<T, 'to'>> } }

const actor = z.object({
  id,
  name: z.string(),
  api_key: z.object({ id, name: z.string().nullable(), created_by: person.nullable().describe('Who was shown the key.') }).optional()
    .describe('The API key that acted for this member; absent where they did it in person.')
})

const eventOf = (type: TicketEventType) => z.object({
  id: z.int(),
  type: z.literal(type),
  ticket_id: id.nullable().describe('Null, like the number, for what happened to the team as a whole.'),
  ticket_number: z.int().nullable(),
  is_ticket_deleted: z.boolean().describe('It cannot be opened any more.'),
  actor: actor.nullable().describe('Null where no member did it: a job, or a client who rates.'),
  channel: z.enum(['ui', 'api', 'job', 'import', 'portal']),
  ...payloads[type],
  created_at: moment
})

const [first, ...others] = eventTypes.map(eventOf)
// A union made by a loop has lost its types: `payloads` above is what the compiler checks.
const event = row<TicketEvent>()('Event', 'Something that happened. `from` and `to` are what was before and after, by the type.', z.discriminatedUnion('type', [first!, ...others]) as unknown as z.ZodType<TicketEvent>)

export const events: Noun = {
  name: 'Audit',
  description: 'What happened, who did it, and how: an append-only log.',
  routes: {
    'GET /teams/[teamId]/audit': { id: 'listAudit', summary: 'Read the log of the team', description: 'The newest first; deleted tickets are in it.', permission: 'audit.view', query: auditQuery, answers: { 200: cursorList(event, 'What happened in the team.') } },
    'GET /teams/[teamId]/tickets/[ticketId]/audit': { id: 'listHistory', summary: 'Read the history of a ticket', description: 'The newest first.', permission: 'tickets.view', query: historyQuery, answers: { 200: cursorList(event, 'What happened to the ticket.') } }
  }
}
