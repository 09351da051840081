import { actorName, causeName } from '#shared/event'
import type { TicketEvent } from '#shared/schemas/event'
import type { Reply } from '#shared/types/api'
import { eventSentence, type EventSentence } from '../event/event-display'

/** An entry of the conversation: a reply, or all events between two replies. */
export type TimelineEntry = { id: string; at: string; reply: Reply } | { id: string; at: string; events: TicketEvent[] }

/**
 * Merges replies and events by time; consecutive events form one entry. Events that the conversation shows anyway are omitted:
 * replies that were written, the creation of the ticket unless it was assigned from the start, and files that were sent with either.
 */
export function ticketTimeline(replies: Reply[], events: TicketEvent[]): TimelineEntry[] {
  const createdAt = events.find(({ type }) => type === 'ticket.created')?.created_at
  const shown = events
    .filter(event => !isVisibleAnyway(event, createdAt))
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

function isVisibleAnyway(event: TicketEvent, createdAt: string | undefined): boolean {
  switch (event.type) {
    case 'reply.created':
      return true
    case 'ticket.created':
      return event.to.assigned_to === null
    case 'attachment.added':
      return event.to.reply_id !== null || event.created_at === createdAt
    default:
      return false
  }
}

/** The sentence of an event in the conversation, where the subject is already visible. */
export function timelineSentence(event: TicketEvent): EventSentence {
  const sentence = eventSentence(event)
  const assignee = event.type === 'ticket.created' ? event.to.assigned_to : null
  if (!assignee) return sentence
  const { icon } = sentence
  return assignee.id === event.actor?.id
    ? { icon, does: 'created and claimed it' }
    : { icon, does: 'created it and assigned it to', what: assignee.full_name ?? 'a deleted account' }
}

/** The actor's name; the SLA policy for escalations, "Switchboard" for other jobs, "The client" for ratings. */
export function eventActor(event: TicketEvent): string {
  if (event.actor) return actorName(event.actor)
  if (event.cause) return causeName(event.cause)
  return event.type === 'ticket.rated' ? 'The client' : 'Switchboard'
}

/** The actor's name in the conversation; "It" for a ticket that wakes up by itself. */
export function timelineActor(event: TicketEvent): string {
  return !event.actor && !event.cause && event.type === 'ticket.snoozed' ? 'It' : eventActor(event)
}
