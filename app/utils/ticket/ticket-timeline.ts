import { actorName } from '#shared/event'
import type { TicketEvent } from '#shared/schemas/event'
import type { Reply } from '#shared/types/api'
import { eventSentence, type EventSentence } from '../event/event-display'

/** What stands in a conversation: a reply, or everything that happened between two of them. */
export type TimelineEntry = { id: string; at: string; reply: Reply } | { id: string; at: string; events: TicketEvent[] }

/**
 * Replies and events in the order of their times, consecutive events as one entry. What the conversation shows anyway is
 * left out: that its replies were written, and that the ticket was, unless somebody had it from the start.
 */
export function ticketTimeline(replies: Reply[], events: TicketEvent[]): TimelineEntry[] {
  const shown = events
    .filter(event => event.type !== 'reply.created' && (event.type !== 'ticket.created' || event.to.assigned_to !== null))
    .sort((a, b) => (a.created_at === b.created_at ? a.id - b.id : a.created_at < b.created_at ? -1 : 1))
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

/** What an event says in the conversation of its ticket, whose subject is above it. */
export function timelineSentence(event: TicketEvent): EventSentence {
  const sentence = eventSentence(event)
  const assignee = event.type === 'ticket.created' ? event.to.assigned_to : null
  if (!assignee) return sentence
  const { icon } = sentence
  return assignee.id === event.actor?.id
    ? { icon, does: 'created it and took it' }
    : { icon, does: 'created it and assigned it to', what: assignee.full_name ?? 'a deleted account' }
}

/** Who did it; jobs are the product itself, and clients rate. */
export function eventActor(event: TicketEvent): string {
  return event.actor ? actorName(event.actor) : event.type === 'ticket.rated' ? 'The client' : 'Switchboard'
}

/** Who did it, in the conversation of a ticket: it wakes by itself. */
export function timelineActor(event: TicketEvent): string {
  return !event.actor && event.type === 'ticket.snoozed' ? 'It' : eventActor(event)
}
