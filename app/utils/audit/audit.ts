import { dayName } from '../app/day-name'
import type { TicketEvent, TicketEventType } from '#shared/schemas/event'
import { auditSubjects, typesOfSubject, type AuditSubject } from './audit-subjects'
import { eventTypes } from '../event/event-display'
import { serverNow } from '../app/server-time'

/** The filter of the audit log, as in the URL. An empty value means "any". */
export interface AuditFilter {
  about: AuditSubject | ''
  /** A member's id, or "none" for events of jobs. */
  actor: string
  /** The first and last day, in the reader's time zone. */
  from: string
  to: string
  /** A ticket's number. */
  ticket: string
}

export const wholeLog: AuditFilter = { about: '', actor: '', from: '', to: '', ticket: '' }

export function isAuditNarrowed(filter: AuditFilter): boolean {
  return Object.values(filter).some(value => value !== '')
}

export function typesAbout(subject: AuditSubject): TicketEventType[] {
  return typesOfSubject(subject, eventTypes)
}

/** Parses the filter from the URL; invalid values are ignored. */
export function parseAuditFilter(query: Record<string, unknown>): AuditFilter {
  return {
    about: auditSubjects.find(({ value }) => value === query.about)?.value ?? '',
    actor: text(query.actor, /^(?:none|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12})$/),
    from: day(query.from),
    to: day(query.to),
    ticket: text(query.ticket, /^[1-9]\d{0,8}$/)
  }
}

/** The query parameters of a filter. */
export function auditAddress(filter: AuditFilter): Record<string, string> {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== ''))
}

/** The query of the audit route. */
export function auditRequest({ about, actor, from, to, ticket }: AuditFilter): Record<string, string | string[]> {
  return {
    ...(about && { type: typesAbout(about) }),
    ...(actor && { actor }),
    ...(ticket && { ticket }),
    ...(from && { from: startOf(from, 0) }),
    ...(to && { to: startOf(to, 1) })
  }
}

/** Events of one day in the reader's time zone. */
export interface AuditDay {
  key: string
  label: string
  events: TicketEvent[]
}

/** Groups events by day, in the given order. `now` is in milliseconds. */
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

/** Labels of the channels other than the app. */
export const channelLabels: Record<Exclude<TicketEvent['channel'], 'ui'>, string> = {
  api: 'API',
  job: 'Automatic',
  import: 'Import',
  portal: 'Portal'
}

// The start of a local day, `later` days after `day`, as an instant.
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
