import type { CancelReason, ClockState, EscalationMoment, PauseReason, SlaMetric } from './clock'

/** When a clock ran or was paused; times in milliseconds since 1970. */
export interface ClockSegment {
  kind: 'running' | 'paused'
  reason: PauseReason | null
  from: number
  /** Null: it goes on. */
  until: number | null
  /** What a running segment counted; null while it goes on. */
  seconds: number | null
}

export interface ReceiptPart {
  kind: 'counted' | 'closed' | 'paused'
  reason: PauseReason | null
  from: number
  until: number
  seconds: number
  /** Whether it lies ahead. */
  isAhead: boolean
}

export interface ReceiptHead {
  metric: SlaMetric
  state: ClockState
  cancelReason: CancelReason | null
  targetSeconds: number
  remainingSeconds: number
  isPaused: boolean
  dueAt: number | null
  calendar: { name: string; time_zone: string } | null
}

export const metricNames: Record<SlaMetric, string> = {
  first_response: 'First response',
  next_response: 'Next response',
  resolution: 'Resolution'
}

/** "First response is overdue", for notifications. */
export function clockNews(metric: SlaMetric, isOverdue: boolean): string {
  return `${metricNames[metric]} is ${isOverdue ? 'overdue' : 'due soon'}`
}

/** "Resolution is overdue (escalation of the SLA policy “Standard”)", for notifications. */
export function escalationNews({ policy, metric, when }: { policy: { name: string }; metric: SlaMetric; when: EscalationMoment }): string {
  return `${clockNews(metric, when === 'breach')} (escalation of the SLA policy “${policy.name}”)`
}

const pauseNames: Record<PauseReason, string> = {
  open: 'the ticket is open',
  in_progress: 'the ticket is in progress',
  waiting: 'waiting for the client',
  snoozed: 'the ticket is snoozed'
}

const cancelNames: Record<CancelReason, string> = {
  imported: 'the ticket was imported',
  resolved: 'the ticket was resolved without an answer',
  message_deleted: 'the message was deleted',
  policy_changed: 'the policy no longer promises it',
  undone: 'the reopening was undone'
}

/**
 * What a clock counted, when its calendar was closed and when it was paused, in order. `open` are the open intervals of its calendar,
 * which cover its life; null is around the clock. `until` is now, or the end of the clock; a running clock goes on to `dueAt`.
 */
export function receiptParts(
  segments: readonly ClockSegment[],
  open: readonly { opensAt: number; closesAt: number }[] | null,
  until: number,
  dueAt: number | null
): ReceiptPart[] {
  const parts: ReceiptPart[] = []
  for (const { kind, reason, from, until: end, seconds } of segments) {
    if (kind === 'paused') {
      add(parts, { kind, reason, from, until: end ?? Math.max(until, from), seconds: 0, isAhead: false })
      continue
    }
    const counted = split(open, from, end ?? Math.max(until, from), false)
    // The hours of the calendar were changed since.
    const isKnown = seconds === null || counted.reduce((sum, part) => sum + part.seconds, 0) === seconds
    for (const part of isKnown ? counted : [{ kind: 'counted' as const, reason, from, until: end!, seconds, isAhead: false }])
      add(parts, part)
    if (end === null && dueAt !== null && dueAt > until)
      for (const part of split(open, Math.max(until, from), dueAt, true)) add(parts, part)
  }
  return parts
}

/** The receipt as text, one line for each part, in the time zone of the calendar. */
export function receiptText(head: ReceiptHead, parts: readonly ReceiptPart[], timeZone: string): string {
  const { metric, calendar, targetSeconds } = head
  const zone = calendar?.time_zone ?? timeZone
  const lines = parts.map(({ kind, reason, from, until, seconds, isAhead }) => {
    if (kind === 'closed') return `closed until ${momentText(until, zone)}`
    const span = `${momentText(from, zone)}–${sameDay(from, until, zone) ? clockTime(until, zone) : momentText(until, zone)}`
    if (kind === 'paused') return `${span} paused: ${pauseNames[reason!]}`
    return `${span} ${isAhead ? 'will count' : 'counted'} ${spanText(seconds)}`
  })
  return [
    `${metricNames[metric]} · target ${spanText(targetSeconds)} · ${calendar ? `${calendar.name} (${zone})` : 'around the clock'}`,
    ...lines,
    `→ ${resultText(head, zone)}`
  ].join('\n')
}

/** How a clock stands, as the last line of its receipt says it. */
function resultText({ state, cancelReason, remainingSeconds, isPaused, dueAt }: ReceiptHead, timeZone: string): string {
  switch (state) {
    case 'achieved':
      return `met with ${spanText(remainingSeconds)} left`
    case 'missed':
      return remainingSeconds < 0 ? `missed by ${spanText(-remainingSeconds)}` : 'missed'
    case 'cancelled':
      return `not counted: ${cancelNames[cancelReason!]}`
    case 'breached':
      return `overdue since ${momentText(dueAt!, timeZone)}`
    default:
      return isPaused || dueAt === null ? `paused with ${spanText(remainingSeconds)} left` : `due ${momentText(dueAt, timeZone)}`
  }
}

/** `1 h 30 min`, `20 min`, `45 s`. */
export function spanText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60]
  return [hours > 0 ? `${hours} h` : '', rest > 0 ? `${rest} min` : ''].filter(Boolean).join(' ')
}

function split(
  open: readonly { opensAt: number; closesAt: number }[] | null,
  from: number,
  until: number,
  isAhead: boolean
): ReceiptPart[] {
  const parts: ReceiptPart[] = []
  let at = from
  const part = (kind: 'counted' | 'closed', end: number) => {
    if (end > at) parts.push({ kind, reason: null, from: at, until: end, seconds: kind === 'counted' ? (end - at) / 1000 : 0, isAhead })
    at = Math.max(at, end)
  }
  for (const { opensAt, closesAt } of open ?? [{ opensAt: from, closesAt: until }]) {
    if (closesAt <= from || opensAt >= until) continue
    part('closed', opensAt)
    part('counted', Math.min(closesAt, until))
  }
  part('closed', until)
  return parts
}

// Joins parts of the same kind that touch: a pause may end within closed hours.
function add(parts: ReceiptPart[], part: ReceiptPart): void {
  const last = parts.at(-1)
  if (last && last.kind === part.kind && last.reason === part.reason && last.until === part.from && last.isAhead === part.isAhead) {
    last.until = part.until
    last.seconds += part.seconds
  } else if (part.until > part.from) parts.push({ ...part })
}

/** "Mon 8 Jun 09:45" */
export function momentText(at: number, timeZone: string): string {
  const day = new Date(at).toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone }).replace(',', '')
  return `${day} ${clockTime(at, timeZone)}`
}

function clockTime(at: number, timeZone: string): string {
  return new Date(at).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', timeZone })
}

function sameDay(a: number, b: number, timeZone: string): boolean {
  const day = (at: number) => new Date(at).toLocaleDateString('en-CA', { timeZone })
  return day(a) === day(b)
}
