import { dayName } from '../app/day-name'
import type { TicketEvent, TicketEventType } from '#shared/schemas/event'
import { auditSubjects, typesOfSubject, type AuditSubject } from './audit-subjects'
import { eventTypes } from '../event/event-display'
import { serverNow } from '../app/server-time'

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

/** The types of events about a subject. */
export function typesAbout(subject: AuditSubject): TicketEventType[] {
  return typesOfSubject(subject, eventTypes)
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
    ...(about && { type: typesAbout(about) }),
    ...(actor && { actor }),
    ...(ticket && { ticket }),
    ...(from && { from: startOf(from, 0) }),
    ...(to && { to: startOf(to, 1) })
  }
}

/** Events of one day of the reader, with what the day is called. */
export interface AuditDay {
  key: string
  label: string
  events: TicketEvent[]
}

/** Events as they come, a heading for each day. `now` is in milliseconds. */
export function auditDays(events: TicketEvent[], now = serverNow()): AuditDay[] {
  const days: AuditDay[] = []
  for (const event of events) {
    const label = dayName(new Date(event.created_at), new Date(now))
    const last = days.at(-1)
    if (last?.label === label) last.events.push(event)
    else days.push({ key: `${label} ${event.id}`, label, events: [event] })
  }
  return days
}

/** By which way it came, where it was not a person in the app. */
export const channelLabels: Record<Exclude<TicketEvent['channel'], 'ui'>, string> = {
  api: 'API',
  job: 'Automatic',
  import: 'Import',
  portal: 'Portal'
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
