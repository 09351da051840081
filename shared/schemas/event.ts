import { articleAudiences } from '../article'
import { isAboutTicket } from '../event'
import { roles } from '../permissions'
import { escalationMoments, escalationReasons, slaMetrics } from '../sla/clock'
import { count, day, id, mention, timestamp, priority, role, status } from './answer'
import { textFormat } from './text'
import { z } from './zod'

// The payload of each event type. The TypeScript types, the API document, and the types that filters and webhooks accept are derived
// from this list. `private.event_types()` holds the same names; `eventDisplay` holds the sentences that people read.

const none = z.null()
const person = z.object({ id, full_name: z.string().nullable() })
const categoryPath = z
  .object({
    category: z.string(),
    category_name: z.string().nullable(),
    type_id: id.nullable(),
    type_name: z.string().nullable(),
    item_id: id.nullable(),
    item_name: z.string().nullable()
  })
  .describe('What a ticket was filed under, with the names at that time.')
const requester = z.object({ name: z.string().nullable(), email: z.string().nullable() })
const ticketReference = z.object({ number: z.int(), subject: z.string() })
const ticketCreation = ticketReference
  .extend({ status, priority, severity: z.int(), path: categoryPath, requester, assigned_to: person.nullable(), tags: z.array(z.string()) })
  .describe('The state of a ticket when it was created, including its tags.')
const writtenReply = z
  .object({ id, is_internal: z.boolean(), content: z.string().optional(), mentions: z.array(mention).optional() })
  .describe('`content` and `mentions` are absent once the reply is deleted: the event of its deletion then has them.')
const deletedReply = z.object({
  id,
  is_internal: z.boolean(),
  author: z.object({ id: id.nullable(), full_name: z.string().nullable() }),
  content: z.string(),
  format: textFormat,
  mentions: z.array(mention)
})
const file = z.object({
  id,
  name: z.string(),
  size: z.int().describe('Bytes.'),
  content_type: z.string(),
  reply_id: id.nullable().describe('Null if it belongs to the ticket itself.'),
  is_internal: z.boolean().describe('Whether it belongs to an internal note.')
})
const infectedFile = z.object({
  name: z.string(),
  sha256: z.string(),
  signature: z.string().describe('What the virus scanner found.'),
  uploaded_by: person,
  ticket_number: z.int().optional().describe('Present if the file was found after it was sent.')
})
const filters = z.record(z.string(), z.unknown()).describe('The filters of the export.')
const settings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])).describe('The settings that changed.')
const membership = z.object({ member: person, role })
const invitation = z.object({ email: z.string(), role })
const categoryReference = z.object({
  kind: z.enum(['category', 'type', 'item']),
  path: z.array(z.string()).describe('The names of the path, the category first.'),
  portal_name: z
    .string()
    .nullable()
    .optional()
    .describe('Categories only: the name that clients see; null if they are not offered the category.'),
  types: z.int().optional().describe('Deletions only: how many types were deleted with it.'),
  items: z.int().optional().describe('Deletions only: how many items were deleted with it.')
})
const cannedResponse = z
  .object({ title: z.string(), category: z.string().nullable().optional(), content: z.string().optional() })
  .describe('The title and the changed fields; all fields of a deleted one.')
const articleReference = z.object({ id, locale: z.string(), title: z.string() })
const articleDetails = articleReference
  .extend({
    audience: z.enum(articleAudiences).optional(),
    category: z.string().nullable().optional(),
    is_archived: z.boolean().optional(),
    slug: z.string().nullable().optional()
  })
  .describe('The id, the title and the changed fields.')
const articlePublication = articleReference
  .extend({ revision: z.int(), audience: z.enum(articleAudiences), note: z.string().nullable() })
  .describe('What readers see.')
const articleCategoryReference = z.object({ id, name: z.string() })
const articleCategoryDetails = articleCategoryReference
  .extend({ names: z.record(z.string(), z.string()).optional() })
  .describe('The id, the name and the changed fields; `names` holds the names in other languages.')
const view = z.object({
  name: z.string(),
  filters: z.record(z.string(), z.unknown()).optional().describe('In an update, present only if they changed.')
})
const name = z.object({ name: z.string() })
const contact = z.object({ id, name: z.string().nullable(), email: z.string().nullable() })
const contactDetails = z
  .object({
    id,
    name: z.string().nullable(),
    locale: z.string().nullable().optional(),
    time_zone: z.string().nullable().optional(),
    organization: z.string().nullable().optional(),
    notes: z.string().nullable().optional(),
    addresses: z.array(z.string()).optional()
  })
  .describe('The id, the name and the changed fields.')
const projectReference = z.object({ id, name: z.string() })
const projectDetails = projectReference.extend({ organization: z.string().nullable().optional(), is_archived: z.boolean().optional() })
const calendarHours = z.object({ weekday: z.int().describe('1 is Monday.'), opens: z.string(), closes: z.string() })
const calendarReference = z.object({ id, name: z.string() })
const calendarDetails = calendarReference
  .extend({
    time_zone: z.string().optional(),
    country: z.string().nullable().optional(),
    region: z.string().nullable().optional(),
    hours: z.array(calendarHours).optional(),
    holidays: z
      .array(z.object({ date: day, name: z.string() }))
      .optional()
      .describe('`from`: those that were removed; `to`: those that were added. At most 100 each.'),
    time_zone_data: z.string().optional().describe('Present if a new version of the time zone data moved the open hours.'),
    open_clocks: count.optional().describe('`to`: how many open SLA clocks count its hours, and are counted anew.')
  })
  .describe('The id, the name and the changed fields.')
const organizationDetails = z
  .object({
    name: z.string(),
    tier: z.string().nullable().optional(),
    notes: z.string().nullable().optional(),
    shares_tickets: z.boolean().optional()
  })
  .describe('The name and the changed fields.')
const clock = z
  .object({
    metric: z.enum(slaMetrics),
    cycle: z.int(),
    policy: z.string().describe('The name of the policy.'),
    target_seconds: z.int(),
    remaining_seconds: z.int().nullable().describe('What was left at the end, negative if it was too late; null while the clock runs.'),
    due_at: timestamp.nullable().describe('Null if the clock was paused when it ended.')
  })
  .describe('An SLA clock of the ticket.')
const overdueClock = clock.extend({
  change: z
    .object({
      type: z.enum(['ticket.priority_changed', 'ticket.severity_changed']),
      from: z.union([priority, z.int()]),
      to: z.union([priority, z.int()])
    })
    .nullable()
    .describe('The change that made the clock overdue, because the new target was over already; null if its time ran out.')
})
const escalation = z
  .object({
    action: z.enum(['notify', 'raise_severity', 'assign', 'add_tag']),
    members: z.array(person).optional().describe('Who is notified, or to whom the ticket should have been assigned.'),
    roles: z.array(z.enum(roles)).optional(),
    followers: z.boolean().optional(),
    tag: z.string().optional(),
    passed_over: z.enum(escalationReasons).nullable().describe('Why it was passed over; null: members are notified.')
  })
  .describe('An escalation that changed nothing about the ticket. One that did has the event of its change, with its `cause`.')
const policyDetails = z
  .object({
    id,
    name: z.string(),
    position: z.int().optional(),
    is_active: z.boolean().optional(),
    conditions: z.array(z.unknown()).optional(),
    target_by: z.string().optional(),
    targets: z.record(z.string(), z.unknown()).optional(),
    calendar: z.string().nullable().optional(),
    pauses: z.record(z.string(), z.unknown()).optional(),
    warn_percent: z.int().optional(),
    reopen_percent: z.int().optional(),
    escalations: z.array(z.record(z.string(), z.unknown())).optional()
  })
  .describe('The id, the name and the changed fields.')
const apiKey = z.object({ name: z.string(), prefix: z.string(), member: person, scopes: z.array(z.string()) })
const webhook = z.object({ name: z.string(), url: z.string(), events: z.array(z.string()), is_active: z.boolean() })

const added = <T extends z.ZodType>(to: T) => ({ from: none, to })
const changed = <T extends z.ZodType>(state: T) => ({ from: state, to: state })
const removed = <T extends z.ZodType>(from: T) => ({ from, to: none })

/** The payload of each event type: the state before (`from`) and after (`to`). */
export const eventPayloads = {
  'ticket.created': added(ticketCreation),
  'ticket.status_changed': changed(status),
  'ticket.priority_changed': changed(priority),
  'ticket.severity_changed': changed(z.int()),
  'ticket.assigned': changed(person.nullable()),
  'ticket.rerouted': changed(categoryPath),
  'ticket.project_changed': changed(projectReference.nullable()),
  'ticket.snoozed': changed(timestamp.nullable()),
  'ticket.subject_changed': changed(z.string()),
  'ticket.description_changed': changed(none),
  'ticket.requester_changed': changed(requester),
  'ticket.tags_changed': changed(z.array(z.string())),
  'ticket.participant_added': added(contact),
  'ticket.participant_removed': removed(contact),
  'ticket.deleted': removed(ticketReference),
  'ticket.rated': changed(z.object({ score: z.int(), comment: z.string().nullable() }).nullable()),
  'ticket.sla_warning': added(clock),
  'ticket.sla_breached': added(overdueClock),
  'ticket.sla_met': added(clock),
  'ticket.escalated': added(escalation),
  'reply.created': added(writtenReply),
  'reply.deleted': removed(deletedReply),
  'attachment.added': added(file),
  'attachment.removed': removed(file),
  'tickets.exported': added(filters),
  'audit.exported': added(filters),
  'team.created': added(name),
  'team.updated': changed(settings),
  'member.added': added(membership),
  'member.role_changed': changed(membership),
  'member.removed': removed(membership),
  'invitation.created': added(invitation),
  'invitation.renewed': changed(invitation),
  'invitation.revoked': removed(invitation),
  'routing.created': added(categoryReference),
  'routing.updated': changed(categoryReference),
  'routing.deleted': removed(categoryReference),
  'contact.created': added(contact),
  'contact.updated': changed(contactDetails),
  'contact.blocked': added(contact),
  'contact.unblocked': removed(contact),
  'contact.signed_out': added(contact.extend({ ticket_sessions: count, ticket_links: count })),
  'contact.merged': changed(contact),
  'contact.unmerged': changed(contact),
  'contact.erased': removed(z.object({ id })),
  'organization.created': added(name),
  'organization.updated': changed(organizationDetails),
  'organization.deleted': removed(name),
  'project.created': added(projectReference),
  'project.updated': changed(projectDetails),
  'project.deleted': removed(projectReference),
  'calendar.created': added(calendarReference),
  'calendar.updated': changed(calendarDetails),
  'calendar.deleted': removed(calendarReference),
  'policy.created': added(policyDetails),
  'policy.updated': changed(policyDetails),
  'policy.deleted': removed(policyDetails),
  'policy.applied': added(
    z.object({ moved_clocks: count.describe('How many clocks of open tickets got another time or target, began or ended.') })
  ),
  'canned_response.created': added(cannedResponse.pick({ title: true })),
  'canned_response.updated': changed(cannedResponse),
  'canned_response.deleted': removed(cannedResponse),
  'article.created': added(articleReference),
  'article.updated': changed(articleDetails),
  'article.published': { from: articlePublication.nullable(), to: articlePublication },
  'article.unpublished': removed(articleReference),
  'article.deleted': {
    from: articleDetails,
    to: articleReference.nullable().describe('The article that readers of the deleted one are led to.')
  },
  'article_category.created': added(articleCategoryReference),
  'article_category.updated': changed(articleCategoryDetails),
  'article_category.deleted': removed(articleCategoryReference),
  'view.shared': added(view),
  'view.updated': changed(view),
  'view.unshared': removed(view),
  'api_key.created': added(apiKey),
  'api_key.rotated': changed(apiKey),
  'api_key.revoked': removed(apiKey),
  'attachment.infected': added(infectedFile),
  'webhook.created': added(webhook),
  'webhook.updated': changed(webhook),
  'webhook.deleted': removed(webhook),
  'webhook.secret_rotated': added(name),
  'webhook.disabled': added(z.object({ id, name: z.string(), reason: z.string() }))
}

export type TicketEventType = keyof typeof eventPayloads

export const eventTypes = Object.keys(eventPayloads) as TicketEventType[]

/** Events of tickets, which webhooks can receive. The other types are about the team. */
export const ticketEventTypes = eventTypes.filter(isAboutTicket)

/** A person in an event payload; the name is null if the account was already deleted. */
export type PersonReference = z.output<typeof person>
export type CategoryPathReference = z.output<typeof categoryPath>
export type TicketCreation = z.output<typeof ticketCreation>
export type CategoryReference = z.output<typeof categoryReference>
export type CannedResponseReference = z.output<typeof cannedResponse>
export type ContactReference = z.output<typeof contactDetails>
export type ProjectReference = z.output<typeof projectDetails>
export type ClockReference = z.output<typeof clock>
export type EscalationReference = z.output<typeof escalation>
export type PolicyReference = z.output<typeof policyDetails>
export type CalendarReference = z.output<typeof calendarDetails>
export type OrganizationReference = z.output<typeof organizationDetails>
export type ArticleReference = z.output<typeof articleDetails>
export type ArticlePublicationReference = z.output<typeof articlePublication>
export type ArticleCategoryReference = z.output<typeof articleCategoryDetails>
export type ViewReference = z.output<typeof view>
export type ApiKeyReference = z.output<typeof apiKey>
export type WebhookReference = z.output<typeof webhook>

const actor = z
  .object({
    id,
    name: z.string(),
    api_key: z
      .object({
        id,
        name: z.string().nullable().describe('Null if the key was being revoked at that time.'),
        created_by: person.nullable().describe('The person who created or last rotated the key; null if the account is deleted.')
      })
      .optional()
      .describe('The API key that acted for this member; absent if they did it in person.')
  })
  .meta({ id: 'EventActor', description: 'A member, or an API key that acted for one.' })

const cause = z
  .object({
    policy: z.object({ id, name: z.string() }).describe('The policy as it was; it may be gone.'),
    clock_id: id,
    metric: z.enum(slaMetrics),
    when: z.enum(escalationMoments)
  })
  .meta({ id: 'EventCause', description: 'The SLA clock whose escalation did it.' })

export type EventCause = z.output<typeof cause>

/** The actor of an event: a member, or an API key that acted for one. */
export type EventActor = z.output<typeof actor>

const common = z.object({
  id: z.int(),
  ticket_id: id.nullable().describe('Null, like the number, if the event is about the whole team.'),
  ticket_number: z.int().nullable(),
  is_ticket_deleted: z.boolean().describe('Whether the ticket is deleted and can no longer be opened.'),
  actor: actor.nullable().describe('Null if no member did it but a job, or a client who rated.'),
  cause: cause.nullable().describe('Null unless an escalation of an SLA policy did it.'),
  channel: z.enum(['ui', 'api', 'job', 'import', 'portal']),
  created_at: timestamp
})

type EventOf<T extends TicketEventType> = z.output<typeof common> & {
  type: T
  from: z.output<(typeof eventPayloads)[T]['from']>
  to: z.output<(typeof eventPayloads)[T]['to']>
}

export type TicketEvent = { [T in TicketEventType]: EventOf<T> }[TicketEventType]

const [first, ...others] = eventTypes.map(type => common.extend({ type: z.literal(type), ...eventPayloads[type] }))

// A union built from a list has lost its member types; `EventOf` restores them.
export const ticketEvent = (z.discriminatedUnion('type', [first!, ...others]) as unknown as z.ZodType<TicketEvent>).meta({
  id: 'Event',
  description: 'Something that happened. `from` and `to` hold the state before and after; their shape depends on the type.'
})
