import type { Reply } from '#shared/types/api'
import type { RoutingPath, TicketEvent, TicketEventType } from '#shared/types/event'
import { routeSeparator } from './routing'
import { priorityLooks, severityLook, statusLooks } from './ticket'

/** What stands in a conversation: a reply, or everything that happened between two of them. */
export type TimelineEntry = { id: string, at: string, reply: Reply } | { id: string, at: string, events: TicketEvent[] }

/** "set the priority to" High; `what` is somebody's own words or a name, and may be missing. */
export interface EventSentence { icon: string, does: string, what?: string }

/**
 * Replies and events in the order of their times, consecutive events as one entry. What the conversation shows anyway is
 * left out: that the ticket and its replies were written, and the tags that the ticket was born with.
 */
export function ticketTimeline(replies: Reply[], events: TicketEvent[]): TimelineEntry[] {
  const born = events.find(event => event.type === 'ticket.created')?.created_at
  const shown = events
    .filter(({ type, created_at }) => type !== 'ticket.created' && type !== 'reply.created' && !(type === 'ticket.tags_changed' && created_at === born))
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

/** Who did it; jobs are the product itself. */
export function eventActor(event: TicketEvent): string {
  return event.actor?.name ?? 'Switchboard'
}

const icons: Record<TicketEventType, string> = {
  'ticket.created': 'i-lucide-plus',
  'ticket.status_changed': 'i-lucide-circle-dot',
  'ticket.priority_changed': 'i-lucide-signal-high',
  'ticket.severity_changed': 'i-lucide-gauge',
  'ticket.assigned': 'i-lucide-user-round',
  'ticket.rerouted': 'i-lucide-route',
  'ticket.subject_changed': 'i-lucide-pencil',
  'ticket.description_changed': 'i-lucide-pencil',
  'ticket.requester_changed': 'i-lucide-contact-round',
  'ticket.tags_changed': 'i-lucide-tag',
  'ticket.deleted': 'i-lucide-trash-2',
  'reply.created': 'i-lucide-message-square',
  'reply.deleted': 'i-lucide-trash-2',
  'tickets.exported': 'i-lucide-download'
}

function sentence(event: TicketEvent): Omit<EventSentence, 'icon'> {
  switch (event.type) {
    case 'ticket.created': return { does: 'wrote', what: event.to.subject }
    case 'ticket.status_changed': return { does: 'set the status to', what: statusLooks[event.to].label }
    case 'ticket.priority_changed': return { does: 'set the priority to', what: priorityLooks[event.to].label }
    case 'ticket.severity_changed': return { does: 'set the severity to', what: severityLook(event.to).label }
    case 'ticket.assigned': return assignment(event)
    case 'ticket.rerouted': return { does: 'moved it to', what: pathName(event.to) }
    case 'ticket.subject_changed': return { does: 'renamed it to', what: event.to }
    case 'ticket.description_changed': return { does: 'changed the description' }
    case 'ticket.requester_changed': return event.to.name || event.to.email ? { does: 'set the requester to', what: event.to.name ?? event.to.email ?? '' } : { does: 'removed the requester' }
    case 'ticket.tags_changed': return tagging(event.from, event.to)
    case 'ticket.deleted': return { does: 'deleted', what: event.from.subject }
    case 'reply.created': return { does: event.to.is_internal ? 'wrote an internal note' : 'replied' }
    case 'reply.deleted': return { does: event.from.is_internal ? 'deleted an internal note by' : 'deleted a reply by', what: event.from.author.full_name ?? 'a deleted account' }
    case 'tickets.exported': return { does: 'exported tickets' }
  }
}

function assignment({ actor, from, to }: { actor: TicketEvent['actor'], from: { id: string, full_name: string | null } | null, to: { id: string, full_name: string | null } | null }): Omit<EventSentence, 'icon'> {
  if (to) return to.id === actor?.id ? { does: 'took it' } : { does: 'assigned it to', what: to.full_name ?? 'a deleted account' }
  return !from || from.id === actor?.id ? { does: 'released it' } : { does: 'took it from', what: from.full_name ?? 'a deleted account' }
}

function tagging(from: string[], to: string[]): Omit<EventSentence, 'icon'> {
  const [added, removed] = [to.filter(tag => !from.includes(tag)), from.filter(tag => !to.includes(tag))]
  const tags = added.length ? added : removed
  return { does: `${added.length ? 'added' : 'removed'} the ${tags.length === 1 ? 'tag' : 'tags'}`, what: tags.join(', ') }
}

function pathName({ category, category_name, type_name, item_name }: RoutingPath): string {
  return [category_name ?? category, type_name, item_name].filter(Boolean).join(routeSeparator)
}
