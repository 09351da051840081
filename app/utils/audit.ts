import type { TicketEvent, TicketEventType } from '#shared/types/event'
import { eventTypes } from '#shared/event'
import { eventSentence, type EventSentence } from './ticket-timeline'
import { serverNow } from './server-time'

/** What narrows the log, as it stands in the address bar. Empty means "any". */
export interface AuditFilter {
  about: AuditSubject | ''
  /** A member's id, or "none" for what nobody did. */
  actor: string
  /** Days of the reader's time zone: the first and the last. */
  from: string
  to: string
  /** A ticket's number. */
  ticket: string
}

/** Everything that has happened. */
export const wholeLog: AuditFilter = { about: '', actor: '', from: '', to: '', ticket: '' }

/** Whether a filter leaves anything out. */
export function isAuditNarrowed(filter: AuditFilter): boolean {
  return Object.values(filter).some(value => value !== '')
}

const subjects = {
  tickets: { label: 'Tickets', prefixes: ['ticket.'] },
  replies: { label: 'Replies', prefixes: ['reply.'] },
  members: { label: 'Members and invitations', prefixes: ['member.', 'invitation.'] },
  team: { label: 'Team settings', prefixes: ['team.'] },
  routing: { label: 'Routing', prefixes: ['routing.'] },
  canned_responses: { label: 'Canned responses', prefixes: ['canned_response.'] },
  views: { label: 'Shared views', prefixes: ['view.'] },
  exports: { label: 'Exports', prefixes: ['tickets.', 'audit.'] },
  api_keys: { label: 'API keys', prefixes: ['api_key.'] },
  webhooks: { label: 'Webhooks', prefixes: ['webhook.'] }
} as const

export type AuditSubject = keyof typeof subjects

/** What events can be about, in the order they are offered. */
export const auditSubjects = (Object.keys(subjects) as AuditSubject[]).map(value => ({ value, label: subjects[value].label }))

/** The types of events about a subject. */
export function typesAbout(subject: AuditSubject): TicketEventType[] {
  return eventTypes.filter(type => subjects[subject].prefixes.some(prefix => type.startsWith(prefix)))
}

/** The filter that an address names; what it does not understand it ignores. */
export function parseAuditFilter(query: Record<string, unknown>): AuditFilter {
  return {
    about: auditSubjects.find(({ value }) => value === query.about)?.value ?? '',
    actor: text(query.actor, /^(?:none|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/),
    from: day(query.from),
    to: day(query.to),
    ticket: text(query.ticket, /^[1-9]\d{0,8}$/)
  }
}

/** What of a filter stands in the address. */
export function auditAddress(filter: AuditFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''))
}

/** What the route is asked. */
export function auditRequest({ about, actor, from, to, ticket }: AuditFilter): Record<string, string | string[]> {
  return {
    ...about && { type: typesAbout(about) },
    ...actor && { actor },
    ...ticket && { ticket },
    ...from && { from: startOf(from, 0) },
    ...to && { to: startOf(to, 1) }
  }
}

/** Events of one day of the reader, with what the day is called. */
export interface AuditDay { key: string, label: string, events: TicketEvent[] }

/** Events as they come, a heading for each day. `now` is in milliseconds. */
export function auditDays(events: TicketEvent[], now = serverNow()): AuditDay[] {
  const days: AuditDay[] = []
  for (const event of events) {
    const label = dayLabel(event.created_at, now)
    const last = days.at(-1)
    if (last?.label === label) last.events.push(event)
    else days.push({ key: `${label} ${event.id}`, label, events: [event] })
  }
  return days
}

/** What an event says after the name of who did it: the ticket that it is about stands between `before` and `after`. */
export interface AuditSentence extends Omit<EventSentence, 'does'> { before: string, after: string }

export function auditSentence(event: TicketEvent): AuditSentence {
  const { icon, does, what } = eventSentence(event)
  switch (event.type) {
    case 'ticket.status_changed': return { icon, before: 'set the status of', after: 'to', what }
    case 'ticket.priority_changed': return { icon, before: 'set the priority of', after: 'to', what }
    case 'ticket.severity_changed': return { icon, before: 'set the severity of', after: 'to', what }
    case 'ticket.description_changed': return { icon, before: 'changed the description of', after: '' }
    case 'ticket.requester_changed': return what ? { icon, before: 'set the requester of', after: 'to', what } : { icon, before: 'removed the requester of', after: '' }
    case 'ticket.tags_changed': return event.to.length > 0 ? { icon, before: 'set the tags of', after: 'to', what: event.to.join(', ') } : { icon, before: 'removed all tags from', after: '' }
    case 'ticket.created':
    case 'ticket.deleted': return { icon, before: does, after: '', what }
    case 'ticket.rated': return what ? { icon, before: 'rated', after: '', what } : { icon, before: 'took the rating back of', after: '' }
    case 'reply.created': return { icon, before: event.to.is_internal ? 'wrote an internal note in' : 'replied in', after: '' }
    case 'reply.deleted': return { icon, before: 'deleted from', after: event.from.is_internal ? 'an internal note by' : 'a reply by', what }
    case 'ticket.snoozed': return event.to ? { icon, before: 'snoozed', after: 'until', what } : { icon, before: 'woke', after: 'up' }
    case 'ticket.assigned':
    case 'ticket.rerouted':
    case 'ticket.subject_changed': {
      // "took it from", "renamed it to"
      const [before = '', after = ''] = does.split(/ ?\bit\b ?/)
      return { icon, before, after, what }
    }
    default: return { icon, before: does, after: '', what }
  }
}

/** By which way it came, where it was not a person in the app. */
export const channelLabels: Record<Exclude<TicketEvent['channel'], 'ui'>, string> = { api: 'API', job: 'Automatic', import: 'Import', portal: 'Portal' }

function dayLabel(iso: string, now: number): string {
  const at = new Date(iso)
  const today = new Date(now)
  const yesterday = new Date(today.getFullYear(), today.getMonth(), today.getDate() - 1)
  if (at.toDateString() === today.toDateString()) return 'Today'
  if (at.toDateString() === yesterday.toDateString()) return 'Yesterday'
  return new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: at.getFullYear() === today.getFullYear() ? undefined : 'numeric' }).format(at)
}

// The beginning of a local day, so many days later, as an instant.
function startOf(day: string, later: number): string {
  const [year, month, date] = day.split('-').map(Number) as [number, number, number]
  return new Date(year, month - 1, date + later).toISOString()
}

function day(value: unknown): string {
  const found = text(value, /^[1-9]\d{3}-\d\d-\d\d$/)
  return found && !Number.isNaN(Date.parse(found)) ? found : ''
}

function text(value: unknown, pattern: RegExp): string {
  return typeof value === 'string' && pattern.test(value) ? value : ''
}
