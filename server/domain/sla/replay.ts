import { addOpen, CalendarHorizonError, openBetween, type OpenPeriod } from '#shared/sla/calendar'
import type { PauseReason, SlaMetric } from '#shared/sla/clock'

// The rules of `private.start_clock()` … `private.tg_tickets__run_clocks()` on the facts of a ticket. tests/db/sla-replay.test.ts compares
// both. Instants are milliseconds since 1970.

/** A policy as the replay needs it. Words of conditions are in lower case, as Postgres writes them. */
export interface ReplayPolicy {
  conditions: { key: string; values: string[]; not: boolean }[]
  targetBy: 'priority' | 'severity'
  /** Seconds of open hours. */
  targets: Partial<Record<SlaMetric, Record<string, number>>>
  pauses: Partial<Record<SlaMetric, PauseReason[]>>
  reopenPercent: number
  /** Null: around the clock. */
  calendar: OpenPeriod | null
}

/** What conditions, targets and pauses look at. */
export interface TicketState {
  status: string
  isSnoozed: boolean
  priority: string
  severity: string
  /** All names by which a condition may call it, in lower case; likewise below. */
  category: string[]
  project: string[]
  tags: string[]
}

export type TicketChange = { at: number } & (
  { kind: 'state'; to: Partial<TicketState>; isByContact: boolean } | { kind: 'agent' | 'client' | 'deletion'; reply: string }
)

export interface TicketLife {
  createdAt: number
  channel: string
  organization: string[]
  tier: string[]
  /** At the creation. */
  start: TicketState
  /** In order. */
  changes: TicketChange[]
}

export interface ReplayedClock {
  metric: SlaMetric
  cycle: number
  /** That counted last. */
  policy: ReplayPolicy
  target: number
  startedAt: number
  /** Seconds that counted before the current segment, or up to the end. */
  counted: number
  /** When the current segment began; null for an ended clock. */
  runsSince: number | null
  /** Null while it is paused, unless the time was over before. */
  dueAt: number | null
  /** Null: open. */
  result: 'achieved' | 'missed' | 'cancelled' | null
}

/** The clocks that these policies, in the order in which they are tried, would have given a ticket. */
export function replay(life: TicketLife, policies: readonly ReplayPolicy[]): ReplayedClock[] {
  const replayed = new Replay(life, policies)
  return replayed.run().map(clock => {
    const current = clock.result === null ? clock.segments.at(-1) : undefined
    return {
      metric: clock.metric,
      cycle: clock.cycle,
      policy: clock.policy,
      target: clock.target,
      startedAt: clock.startedAt,
      counted: clock.target - clock.remaining,
      runsSince: current && current.reason === null ? current.from : null,
      dueAt: clock.dueAt,
      result: clock.result
    }
  })
}

interface Segment {
  from: number
  to: number | null
  /** Why it is paused; null: it runs. */
  reason: string | null
  seconds: number
}

interface Clock {
  metric: SlaMetric
  cycle: number
  policy: ReplayPolicy
  target: number
  remaining: number
  startedAt: number
  dueAt: number | null
  segments: Segment[]
  result: ReplayedClock['result']
}

interface Reply {
  id: string
  at: number
  kind: 'agent' | 'client'
}

class Replay {
  private readonly clocks: Clock[] = []
  private readonly history: { at: number; status: string; isSnoozed: boolean }[]
  private readonly hasTagConditions: boolean
  private replies: Reply[] = []
  private state: TicketState
  private firstResponseAt: number | null = null
  private awaitingSince: number | null
  private readonly life: TicketLife
  private readonly policies: readonly ReplayPolicy[]

  constructor(life: TicketLife, policies: readonly ReplayPolicy[]) {
    this.life = life
    this.policies = policies
    this.hasTagConditions = policies.some(({ conditions }) => conditions.some(({ key }) => key === 'tag'))
    // Tags are written after the ticket.
    this.state = { ...life.start, tags: [] }
    this.history = [{ at: life.createdAt, status: life.start.status, isSnoozed: life.start.isSnoozed }]
    this.awaitingSince = isOver(life.start) ? null : life.createdAt
  }

  run(): Clock[] {
    const { createdAt, start, changes } = this.life
    const policy = this.policyOf(this.state)
    if (policy && !isOver(start)) {
      this.startPolicyClock(policy, 'first_response', createdAt, createdAt)
      this.startPolicyClock(policy, 'resolution', createdAt, createdAt)
      if (targetOf(policy, 'first_response', start) === undefined) this.startPolicyClock(policy, 'next_response', createdAt, createdAt)
    }
    if (start.tags.length > 0) this.changeTags(start.tags, createdAt)
    for (let index = 0; index < changes.length; index++) {
      const change = changes[index]!
      if (change.kind !== 'state') this.reply(change)
      else if (change.to.tags) this.changeTags(change.to.tags, change.at)
      else {
        // One statement may change several properties; each has its event.
        const to = { ...change.to }
        for (let next = changes[index + 1]; next?.kind === 'state' && next.at === change.at && !next.to.tags; next = changes[index + 1]) {
          Object.assign(to, next.to)
          index++
        }
        this.changeState({ ...this.state, ...to }, change.isByContact, change.at)
      }
    }
    return this.clocks
  }

  private reply({ kind, reply, at }: Extract<TicketChange, { reply: string }>): void {
    if (kind === 'agent') this.answer(reply, at)
    else if (kind === 'client') this.ask(reply, at)
    else this.deleteReply(reply, at)
  }

  private answer(id: string, at: number): void {
    this.replies.push({ id, at, kind: 'agent' })
    if (this.firstResponseAt === null) {
      this.firstResponseAt = Math.max(at, this.life.createdAt)
      this.end(this.open('first_response'), this.firstResponseAt, 'achieved')
    }
    if (isOver(this.state) || this.awaitingSince === null) return
    this.awaitingSince = null
    this.end(this.open('next_response'), at, 'achieved')
  }

  private ask(id: string, at: number): void {
    this.replies.push({ id, at, kind: 'client' })
    if (isOver(this.state) || this.awaitingSince !== null) return
    this.awaitingSince = Math.max(at, this.life.createdAt)
    this.startNextResponse(at)
  }

  private deleteReply(id: string, at: number): void {
    const deleted = this.replies.find(reply => reply.id === id)
    if (!deleted) return // an internal note
    this.replies = this.replies.filter(reply => reply !== deleted)
    const answers = this.replies.filter(({ kind }) => kind === 'agent').map(reply => reply.at)
    if (deleted.kind === 'agent') {
      if (this.firstResponseAt === null || deleted.at > this.firstResponseAt) return
      this.firstResponseAt = answers.length > 0 ? Math.max(Math.min(...answers), this.life.createdAt) : null
    } else if (deleted.at === this.awaitingSince) {
      const last = Math.max(...answers, -Infinity)
      const waiting = this.replies.filter(({ kind, at }) => kind === 'client' && at > last).map(reply => reply.at)
      this.awaitingSince = waiting.length > 0 ? Math.min(...waiting) : null
      if (this.awaitingSince === null && !isOver(this.state)) this.end(this.open('next_response'), at, 'cancelled')
    }
  }

  private changeState(next: TicketState, isByContact: boolean, at: number): void {
    const before = this.state
    const [wasOver, isNowOver] = [isOver(before), isOver(next)]
    const wasAwaiting = this.awaitingSince
    if (!wasOver && levels.some(key => !isSame(before[key], next[key])))
      // The status of this statement counts from now on.
      this.applyPolicy({ ...next, status: before.status, isSnoozed: before.isSnoozed }, at)
    this.state = next
    if (isNowOver) this.awaitingSince = null
    else if (wasOver && (isByContact || this.firstResponseAt === null)) this.awaitingSince = at
    if (isNowOver && !wasOver) {
      for (const clock of this.openClocks()) this.end(clock, at, clock.metric === 'resolution' ? 'achieved' : 'cancelled')
    } else if (wasOver && !isNowOver) this.reopen(at)
    if (this.awaitingSince !== null && (wasAwaiting === null || wasOver)) this.startNextResponse(at)
    if (!isNowOver && (next.status !== before.status || next.isSnoozed !== before.isSnoozed))
      for (const clock of this.openClocks()) {
        const reason = pauseReason(clock.policy, clock.metric, next)
        if (reason !== clock.segments.at(-1)!.reason) turn(clock, reason, at)
      }
    this.history.push({ at, status: next.status, isSnoozed: next.isSnoozed })
  }

  private changeTags(tags: string[], at: number): void {
    this.state = { ...this.state, tags }
    if (this.hasTagConditions && !isOver(this.state)) this.applyPolicy(this.state, at)
  }

  private reopen(at: number): void {
    const last = this.clocks.findLast(({ metric }) => metric === 'resolution')
    if (!last) {
      const policy = this.policyOf(this.state)
      if (policy) this.startPolicyClock(policy, 'resolution', at, at)
      return
    }
    const { policy } = last
    const first = this.clocks.find(({ metric }) => metric === 'resolution')!
    this.start('resolution', policy, this.reopenedTarget(first.target, policy), at, pauseReason(policy, 'resolution', this.state))
  }

  private startNextResponse(now: number): void {
    if (this.open('first_response') || this.open('next_response')) return
    const policy = this.policyOf(this.state)
    if (policy) this.startPolicyClock(policy, 'next_response', this.awaitingSince!, now)
  }

  private applyPolicy(ticket: TicketState, at: number): void {
    const policy = this.policyOf(ticket)
    for (const clock of this.openClocks()) {
      let target = policy && targetOf(policy, clock.metric, ticket)
      if (policy === undefined || target === undefined) {
        this.end(clock, at, 'cancelled')
        continue
      }
      if (clock.metric === 'resolution' && clock.cycle > 1) target = this.reopenedTarget(target, policy)
      if (clock.target !== target || clock.policy !== policy) retarget(clock, policy, target)
    }
    if (!policy || isOver(ticket)) return
    const { createdAt } = this.life
    if (this.firstResponseAt === null && !this.has('first_response')) this.startPolicyClock(policy, 'first_response', createdAt, at, ticket)
    if (!this.has('resolution')) this.startPolicyClock(policy, 'resolution', createdAt, at, ticket)
  }

  /** A clock that has counted since `since`, with the pauses since then. Nothing if the policy promises nothing for the metric. */
  private startPolicyClock(policy: ReplayPolicy, metric: SlaMetric, since: number, now: number, ticket = this.state): void {
    const target = targetOf(policy, metric, ticket)
    if (target === undefined) return
    const past = since < now ? this.history : []
    const first = past.findLast(({ at }) => at <= since) ?? past[0] ?? ticket
    const clock = this.start(metric, policy, target, since, pauseReason(policy, metric, first))
    for (const entry of past) {
      const reason = pauseReason(policy, metric, entry)
      if (entry.at > since && reason !== clock.segments.at(-1)!.reason) turn(clock, reason, entry.at)
    }
  }

  private start(metric: SlaMetric, policy: ReplayPolicy, target: number, since: number, reason: string | null): Clock {
    const startedAt = cut(since)
    const clock: Clock = {
      metric,
      cycle: 1 + this.clocks.filter(other => other.metric === metric).length,
      policy,
      target,
      remaining: target,
      startedAt,
      dueAt: reason === null ? addCovered(policy.calendar, startedAt, target) : null,
      segments: [{ from: startedAt, to: null, reason, seconds: 0 }],
      result: null
    }
    this.clocks.push(clock)
    return clock
  }

  private end(clock: Clock | undefined, at: number, inTime: 'achieved' | 'cancelled'): void {
    if (!clock) return
    endSegment(clock, at)
    clock.result = clock.dueAt !== null && clock.dueAt < Math.max(cut(at), clock.startedAt) ? 'missed' : inTime
  }

  /** What was left at the end of the first cycle, but at least a share of the target. */
  private reopenedTarget(target: number, { reopenPercent }: ReplayPolicy): number {
    const first = this.clocks.find(({ metric, cycle }) => metric === 'resolution' && cycle === 1)
    const left = first ? target - (first.target - first.remaining) : 1
    return Math.max(1, Math.ceil((target * reopenPercent) / 100), left)
  }

  private policyOf(ticket: TicketState): ReplayPolicy | undefined {
    return this.policies.find(({ conditions }) => conditions.every(({ key, values, not }) => this.holds(key, values, ticket) !== not))
  }

  private holds(key: string, wanted: string[], ticket: TicketState): boolean {
    const { channel, organization, tier } = this.life
    const { priority, severity, category, project, tags } = ticket
    const names = { priority: [priority], severity: [severity], channel: [channel], category, project, tag: tags, organization, tier }[key]
    return names!.some(name => wanted.includes(name))
  }

  private openClocks(): Clock[] {
    return this.clocks.filter(({ result }) => result === null)
  }

  private open(metric: SlaMetric): Clock | undefined {
    return this.clocks.find(clock => clock.metric === metric && clock.result === null)
  }

  private has(metric: SlaMetric): boolean {
    return this.clocks.some(clock => clock.metric === metric)
  }
}

const levels = ['priority', 'severity', 'category', 'project'] as const

function isSame(a: string | string[], b: string | string[]): boolean {
  return typeof a === 'string' ? a === b : a[0] === b[0]
}

function isOver({ status }: Pick<TicketState, 'status'>): boolean {
  return status === 'resolved' || status === 'closed'
}

function targetOf(policy: ReplayPolicy, metric: SlaMetric, ticket: TicketState): number | undefined {
  return policy.targets[metric]?.[ticket[policy.targetBy]]
}

function pauseReason(policy: ReplayPolicy, metric: SlaMetric, { status, isSnoozed }: Pick<TicketState, 'status' | 'isSnoozed'>) {
  const reasons: string[] = policy.pauses[metric] ?? []
  return reasons.includes(status) ? status : isSnoozed && reasons.includes('snoozed') ? 'snoozed' : null
}

function turn(clock: Clock, reason: string | null, at: number): void {
  const since = endSegment(clock, at)
  if (reason !== null && (clock.dueAt === null || clock.dueAt > since)) clock.dueAt = null
  else if (reason === null) clock.dueAt ??= addCovered(clock.policy.calendar, since, Math.max(clock.remaining, 0))
  clock.segments.push({ from: since, to: null, reason, seconds: 0 })
}

/** Returns its end. */
function endSegment(clock: Clock, at: number): number {
  const segment = clock.segments.at(-1)!
  segment.to = Math.max(cut(at), segment.from)
  if (segment.reason === null) {
    segment.seconds = betweenCovered(clock.policy.calendar, segment.from, segment.to)
    clock.remaining -= segment.seconds
  }
  return segment.to
}

/** Another target from the same start: the remaining seconds follow from the segments. */
function retarget(clock: Clock, policy: ReplayPolicy, target: number): void {
  clock.policy = policy
  clock.target = target
  clock.remaining = target
  clock.dueAt = null
  for (const segment of clock.segments) {
    if (segment.reason !== null) continue
    if (clock.dueAt === null) {
      const due = addCovered(policy.calendar, segment.from, Math.max(clock.remaining, 0))
      if (segment.to === null || due <= segment.to) clock.dueAt = due
    }
    if (segment.to !== null) segment.seconds = betweenCovered(policy.calendar, segment.from, segment.to)
    clock.remaining -= segment.seconds
  }
}

/** A time beyond the calendar is its end. */
function addCovered(calendar: OpenPeriod | null, start: number, seconds: number): number {
  try {
    return addOpen(calendar, start, seconds)
  } catch (error) {
    if (!(error instanceof CalendarHorizonError) || !calendar) throw error
    return calendar.until
  }
}

function betweenCovered(calendar: OpenPeriod | null, from: number, to: number): number {
  const covered = (at: number) => (calendar ? Math.min(Math.max(at, calendar.from), calendar.until) : at)
  return openBetween(calendar, covered(from), covered(to))
}

function cut(at: number): number {
  return Math.floor(at / 1000) * 1000
}
