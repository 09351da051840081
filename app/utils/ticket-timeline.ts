import { actorName } from '#shared/event'
import type { Reply } from '#shared/types/api'
import type { PersonReference, RoutingPath, TicketEvent, TicketEventType } from '#shared/types/event'
import { roleTexts } from './member'
import { routeSeparator } from './routing'
import { momentName } from './snooze'
import { priorityLooks, severityLook, statusLooks } from './ticket'
import { serverNow } from './server-time'

/** What stands in a conversation: a reply, or everything that happened between two of them. */
export type TimelineEntry = { id: string, at: string, reply: Reply } | { id: string, at: string, events: TicketEvent[] }

/** "set the priority to" High; `what` is somebody's own words or a name, and may be missing. */
export interface EventSentence { icon: string, does: string, what?: string }

/**
 * Replies and events in the order of their times, consecutive events as one entry. What the conversation shows anyway is
 * left out: that its replies were written, and that the ticket was, unless somebody had it from the start.
 */
export function ticketTimeline(replies: Reply[], events: TicketEvent[]): TimelineEntry[] {
  const shown = events
    .filter(event => event.type !== 'reply.created' && (event.type !== 'ticket.created' || event.to.assigned_to !== null))
    .sort((a, b) => a.created_at === b.created_at ? a.id - b.id : a.created_at < b.created_at ? -1 : 1)
  const entries: TimelineEntry[] = []
  const add = (event: TicketEvent) => {
    const last = entries.at(-1)
    if (last && 'events' in last) last.events.push(event)
    else entries.push({ id: `event-${event.id}`, at: event.created_at, events: [event] })
  }
  for (const reply of replies) {
    while (shown[0] && shown[0].created_at < reply.created_at) add(shown.shift()!)
    entries.push({ id: reply.id, at: reply.created_at, reply })
  }
  shown.forEach(add)
  return entries
}

/** What an event says, after the name of who did it. */
export function eventSentence(event: TicketEvent): EventSentence {
  return { icon: icons[event.type], ...sentence(event) }
}

/** What an event says in the conversation of its ticket, whose subject is above it. */
export function timelineSentence(event: TicketEvent): EventSentence {
  const assignee = event.type === 'ticket.created' ? event.to.assigned_to : null
  if (!assignee) return eventSentence(event)
  return assignee.id === event.actor?.id
    ? { icon: icons[event.type], does: 'created it and took it' }
    : { icon: icons[event.type], does: 'created it and assigned it to', what: memberName(assignee) }
}

/** Who did it; jobs are the product itself, and clients rate. */
export function eventActor(event: TicketEvent): string {
  return event.actor ? actorName(event.actor) : (event.type === 'ticket.rated' ? 'The client' : 'Switchboard')
}

/** Who did it, in the conversation of a ticket: it wakes by itself. */
export function timelineActor(event: TicketEvent): string {
  return !event.actor && event.type === 'ticket.snoozed' ? 'It' : eventActor(event)
}

const icons: Record<TicketEventType, string> = {
  'ticket.created': 'i-lucide-plus',
  'ticket.status_changed': 'i-lucide-circle-dot',
  'ticket.priority_changed': 'i-lucide-signal-high',
  'ticket.severity_changed': 'i-lucide-gauge',
  'ticket.assigned': 'i-lucide-user-round',
  'ticket.rerouted': 'i-lucide-route',
  'ticket.snoozed': 'i-lucide-alarm-clock',
  'ticket.subject_changed': 'i-lucide-pencil',
  'ticket.description_changed': 'i-lucide-pencil',
  'ticket.requester_changed': 'i-lucide-contact-round',
  'ticket.tags_changed': 'i-lucide-tag',
  'ticket.deleted': 'i-lucide-trash-2',
  'reply.created': 'i-lucide-message-square',
  'reply.deleted': 'i-lucide-trash-2',
  'ticket.rated': 'i-lucide-star',
  'tickets.exported': 'i-lucide-download',
  'audit.exported': 'i-lucide-download',
  'team.created': 'i-lucide-building-2',
  'team.updated': 'i-lucide-settings',
  'member.added': 'i-lucide-user-plus',
  'member.role_changed': 'i-lucide-user-cog',
  'member.removed': 'i-lucide-user-minus',
  'invitation.created': 'i-lucide-mail-plus',
  'invitation.renewed': 'i-lucide-mail',
  'invitation.revoked': 'i-lucide-mail-x',
  'routing.created': 'i-lucide-network',
  'routing.updated': 'i-lucide-network',
  'routing.deleted': 'i-lucide-network',
  'canned_response.created': 'i-lucide-message-square-quote',
  'canned_response.updated': 'i-lucide-message-square-quote',
  'canned_response.deleted': 'i-lucide-message-square-quote',
  'view.shared': 'i-lucide-bookmark',
  'view.updated': 'i-lucide-bookmark',
  'view.unshared': 'i-lucide-bookmark-x',
  'api_key.created': 'i-lucide-key-round',
  'api_key.rotated': 'i-lucide-key-round',
  'api_key.revoked': 'i-lucide-key-round',
  'webhook.created': 'i-lucide-webhook',
  'webhook.updated': 'i-lucide-webhook',
  'webhook.deleted': 'i-lucide-webhook',
  'webhook.secret_rotated': 'i-lucide-webhook',
  'webhook.disabled': 'i-lucide-webhook-off'
}

function sentence(event: TicketEvent): Omit<EventSentence, 'icon'> {
  switch (event.type) {
    case 'ticket.created': return { does: 'wrote', what: event.to.subject }
    case 'ticket.status_changed': return { does: 'set the status to', what: statusLooks[event.to].label }
    case 'ticket.priority_changed': return { does: 'set the priority to', what: priorityLooks[event.to].label }
    case 'ticket.severity_changed': return { does: 'set the severity to', what: severityLook(event.to).label }
    case 'ticket.assigned': return assignment(event)
    case 'ticket.rerouted': return { does: 'moved it to', what: pathName(event.to) }
    case 'ticket.snoozed': return event.to ? { does: 'snoozed it until', what: momentName(event.to, serverNow(), 'long') } : { does: event.actor ? 'ended the snooze' : 'woke up' }
    case 'ticket.subject_changed': return { does: 'renamed it to', what: event.to }
    case 'ticket.description_changed': return { does: 'changed the description' }
    case 'ticket.requester_changed': return event.to.name || event.to.email ? { does: 'set the requester to', what: event.to.name ?? event.to.email ?? '' } : { does: 'removed the requester' }
    case 'ticket.tags_changed': return tagging(event.from, event.to)
    case 'ticket.deleted': return { does: 'deleted', what: event.from.subject }
    case 'reply.created': return { does: event.to.is_internal ? 'wrote an internal note' : 'replied' }
    case 'reply.deleted': return { does: event.from.is_internal ? 'deleted an internal note by' : 'deleted a reply by', what: event.from.author.full_name ?? 'a deleted account' }
    case 'ticket.rated': return event.to ? { does: 'rated it', what: `${event.to.score} of 5` } : { does: 'took the rating back' }
    case 'tickets.exported': return { does: 'exported tickets' }
    case 'audit.exported': return { does: 'exported the audit log' }
    case 'team.created': return { does: 'created the team', what: event.to.name }
    case 'team.updated': return { does: 'changed the settings of the team' }
    case 'member.added': return { does: event.to.member.id === event.actor?.id ? 'joined as' : `added ${memberName(event.to.member)} as`, what: roleTexts[event.to.role].label }
    case 'member.role_changed': return { does: `changed the role of ${memberName(event.to.member)} to`, what: roleTexts[event.to.role].label }
    case 'member.removed': return event.from.member.id === event.actor?.id ? { does: 'left the team' } : { does: 'removed', what: memberName(event.from.member) }
    case 'invitation.created': return { does: 'invited', what: event.to.email }
    case 'invitation.renewed': return { does: 'invited again', what: event.to.email }
    case 'invitation.revoked': return { does: 'revoked the invitation of', what: event.from.email }
    case 'routing.created': return { does: `added the ${event.to.kind}`, what: event.to.path.join(routeSeparator) }
    case 'routing.updated': return { does: `changed the ${event.to.kind}`, what: event.to.path.join(routeSeparator) }
    case 'routing.deleted': return { does: `deleted the ${event.from.kind}`, what: event.from.path.join(routeSeparator) }
    case 'canned_response.created': return { does: 'added the canned response', what: event.to.title }
    case 'canned_response.updated': return { does: 'changed the canned response', what: event.to.title }
    case 'canned_response.deleted': return { does: 'deleted the canned response', what: event.from.title }
    case 'view.shared': return { does: 'shared the view', what: event.to.name }
    case 'view.updated': return { does: 'changed the shared view', what: event.to.name }
    case 'view.unshared': return { does: 'took back the shared view', what: event.from.name }
    case 'api_key.created': return { does: 'created the API key', what: event.to.name }
    case 'api_key.rotated': return { does: 'rotated the API key', what: event.to.name }
    case 'api_key.revoked': return { does: 'revoked the API key', what: event.from.name }
    case 'webhook.created': return { does: 'added the webhook', what: event.to.name }
    case 'webhook.updated': return { does: 'changed the webhook', what: event.to.name }
    case 'webhook.deleted': return { does: 'deleted the webhook', what: event.from.name }
    case 'webhook.secret_rotated': return { does: 'rotated the secret of the webhook', what: event.to.name }
    case 'webhook.disabled': return { does: 'switched off the webhook', what: event.to.name }
  }
}

function assignment({ actor, from, to }: { actor: TicketEvent['actor'], from: { id: string, full_name: string | null } | null, to: { id: string, full_name: string | null } | null }): Omit<EventSentence, 'icon'> {
  if (to) return to.id === actor?.id ? { does: 'took it' } : { does: 'assigned it to', what: to.full_name ?? 'a deleted account' }
  return !from || from.id === actor?.id ? { does: 'released it' } : { does: 'took it from', what: from.full_name ?? 'a deleted account' }
}

function tagging(from: string[], to: string[]): Omit<EventSentence, 'icon'> {
  const [added, removed] = [to.filter(tag => !from.includes(tag)), from.filter(tag => !to.includes(tag))]
  const named = (tags: string[]) => `the ${tags.length === 1 ? 'tag' : 'tags'} ${tags.join(', ')}`
  if (added.length && removed.length) return { does: `replaced ${named(removed)} with`, what: added.join(', ') }
  const tags = added.length ? added : removed
  return { does: `${added.length ? 'added' : 'removed'} the ${tags.length === 1 ? 'tag' : 'tags'}`, what: tags.join(', ') }
}

function memberName({ full_name }: PersonReference): string {
  return full_name ?? 'a deleted account'
}

function pathName({ category, category_name, type_name, item_name }: RoutingPath): string {
  return [category_name ?? category, type_name, item_name].filter(Boolean).join(routeSeparator)
}
