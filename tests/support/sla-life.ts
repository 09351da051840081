import { expect } from 'vitest'
import { addOpen, openBetween, type OpenPeriod } from '#shared/sla/calendar'
import type { Session } from './as.ts'
import { createRandom } from './random.ts'
import { tellStory, type Story } from './sla-story.ts'

const targets = { first_response: 3600, next_response: 7200, resolution: 8 * 3600 } as const
type Metric = keyof typeof targets

interface ModelClock {
  metric: Metric
  cycle: number
  target: number
  started: number
  /** What counted before the current segment. */
  counted: number
  since: number
  isPaused: boolean
  /** Null: open. */
  result: 'achieved' | 'missed' | 'cancelled' | null
}

/**
 * One random life of a ticket, and the same life by the definitions alone: a clock runs from its start to its end, except while the
 * ticket waits or is snoozed, and counts open seconds. After every step each clock of the database must equal the model's.
 */
export async function liveRandomly(session: Session, seed: number, steps: number): Promise<void> {
  const random = createRandom(seed)
  const pick = <T>(values: readonly T[]): T => values[random(values.length)]!
  const story = await tellStory(
    session,
    `2026-06-${String(1 + random(28)).padStart(2, '0')}T${String(random(24)).padStart(2, '0')}:${String(10 + random(50))}`
  )
  const { period } = story
  let now = story.now()
  let status = 'open'
  let isSnoozed = false
  let isAnswered = false
  const clocks: ModelClock[] = []
  const dues = new Map<ModelClock, number>()
  clocks.push(begin('first_response'), begin('resolution'))

  function begin(metric: Metric, target: number = targets[metric]): ModelClock {
    const cycle = 1 + clocksOf(metric).length
    return { metric, cycle, target, started: now, counted: 0, since: now, isPaused: isPausedFor(metric), result: null }
  }
  function clocksOf(metric: Metric): ModelClock[] {
    return clocks.filter(clock => clock.metric === metric)
  }
  function isPausedFor(metric: Metric): boolean {
    return metric !== 'first_response' && (status === 'waiting' || isSnoozed)
  }
  const countedOf = (clock: ModelClock) => clock.counted + (clock.isPaused || clock.result ? 0 : openBetween(period, clock.since, now))
  const open = (metric: Metric) => clocksOf(metric).find(({ result }) => result === null)
  const isLate = (clock: ModelClock) => lateSince(clock, period) !== null && lateSince(clock, period)! < now
  function end(clock: ModelClock | undefined, inTime: 'achieved' | 'cancelled'): void {
    if (!clock) return
    const late = isLate(clock)
    close(clock)
    clock.result = late ? 'missed' : inTime
  }
  function close(clock: ModelClock): void {
    rememberDue(clock, period)
    clock.counted = countedOf(clock)
    clock.since = now
  }
  function turn(): void {
    for (const clock of clocks.filter(({ result }) => result === null)) {
      if (clock.isPaused === isPausedFor(clock.metric)) continue
      close(clock)
      clock.isPaused = !clock.isPaused
    }
  }
  const isOver = () => status === 'resolved' || status === 'closed'
  // The moment at which a clock was over before its last pause, if it was.
  function rememberDue(clock: ModelClock, calendar: OpenPeriod): void {
    if (dues.has(clock) || clock.isPaused) return
    const due = addOpen(calendar, clock.since, Math.max(clock.target - clock.counted, 0))
    if (due <= now) dues.set(clock, due)
  }
  function lateSince(clock: ModelClock, calendar: OpenPeriod): number | null {
    if (dues.has(clock)) return dues.get(clock)!
    return clock.isPaused ? null : addOpen(calendar, clock.since, Math.max(clock.target - clock.counted, 0))
  }

  for (let step = 0; step < steps; step++) {
    now += pick([1, 60, 600, 3600, 5 * 3600, 86_400, 3 * 86_400]) * (1 + random(3)) * 1000
    await story.untilInstant(now)
    if (random(2) === 0) await story.markDue()
    const action = pick(['agent', 'client', 'note', 'open', 'in_progress', 'waiting', 'resolved', 'snooze'] as const)
    switch (action) {
      case 'note':
        await story.agentNotes()
        break
      case 'agent':
        await story.agentReplies()
        if (!isAnswered) end(open('first_response'), 'achieved')
        end(open('next_response'), 'achieved')
        isAnswered = true
        break
      case 'client':
        await story.clientReplies()
        isSnoozed = false
        turn()
        if (!isOver() && !open('first_response') && !open('next_response')) clocks.push(begin('next_response'))
        break
      case 'snooze':
        if (isOver()) break
        await story.change({ snoozed_until: new Date(Date.now() + 300 * 86_400_000) })
        isSnoozed = true
        turn()
        break
      default: {
        if (status === action) break
        const wasOver = isOver()
        await story.change({ status: action })
        status = action
        if (action === 'resolved') {
          isSnoozed = false
          for (const clock of clocks.filter(({ result }) => result === null))
            end(clock, clock.metric === 'resolution' ? 'achieved' : 'cancelled')
        } else if (wasOver) {
          const first = clocksOf('resolution')[0]!
          clocks.push(begin('resolution', Math.max(targets.resolution / 4, targets.resolution - first.counted)))
          if (!isAnswered) clocks.push(begin('next_response'))
        }
        turn()
      }
    }
    await compare(story, step)
  }

  async function compare(story: Story, step: number): Promise<void> {
    const stored = await story.counts()
    const told = `life ${seed}, step ${step}`
    expect(stored, told).toEqual(
      clocks
        .map(clock => ({
          metric: clock.metric,
          cycle: clock.cycle,
          target: clock.target,
          started: clock.started,
          counted: countedOf(clock),
          result: clock.result,
          due: clock.result === null ? lateSince(clock, period) : undefined
        }))
        .sort((a, b) => (a.metric < b.metric ? -1 : a.metric > b.metric ? 1 : a.cycle - b.cycle))
    )
    expect(await story.differences(), told).toEqual([])
  }
}
