import { sql } from 'kysely'
import { slaMetrics, type SlaMetric } from '#shared/sla/clock'
import type { Db } from '../../db/types'
import { loadLives, loadNames, type LifeCursor, type Names } from './life'
import { replay, type ReplayedClock, type TicketLife } from './replay'
import { loadRules, type Draft, type Rules } from './rules'

/** At most this many clocks with another result are listed; all are counted. */
export const maxListedClocks = 10_000

/** Tickets that a step replays: about 50 ms, 10 of them of the event loop. */
export const simulationStep = 500

export type ClockResult = 'met' | 'missed' | 'open'

/** What a simulation has counted for one metric. */
export interface MetricCounts {
  /** Tickets with a result under the old or the new rules. */
  tickets: number
  old: { met: number; missed: number }
  new: { met: number; missed: number }
  /** Missed under the old rules, met under the new ones. */
  newly_met: number
  newly_missed: number
}

/** A clock whose result differs. Instants are milliseconds since 1970. */
export interface ClockDifference {
  metric: SlaMetric
  startedAt: number
  oldDueAt: number | null
  newDueAt: number | null
  oldResult: ClockResult | null
  newResult: ClockResult | null
}

export type SimulationCounts = Record<SlaMetric, MetricCounts>

/** What does not change from step to step. */
export interface SimulationContext {
  rules: Rules
  names: Names
}

/** Of all teams, the oldest first. Bypasses row-level security. */
export async function listUnfinishedSimulations(db: Db): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from sla_simulations where status in ('waiting', 'running') order by created_at`.execute(db)
  return rows.map(({ id }) => id)
}

/** Undefined if the simulation was cancelled. */
export async function prepareSimulation(db: Db, id: string): Promise<SimulationContext | undefined> {
  const { rows } = await sql<{ team_id: string; draft: Draft; now: number }>`
    select team_id, draft, ${now} as now from sla_simulations where id = ${id}`.execute(db)
  const simulation = rows[0]
  if (!simulation) return
  const rules = await loadRules(db, simulation.team_id, simulation.draft, simulation.now)
  return { rules, names: await loadNames(db, simulation.team_id) }
}

/** Replays the next tickets. Returns false if the simulation is finished or cancelled, or if another server works on it. */
export async function continueSimulation(db: Db, id: string, { rules, names }: SimulationContext): Promise<boolean> {
  const { rows } = await sql<SimulationRow>`
    select team_id, from_at::text, processed, differing, results, ${now} as now, last_created_at::text as created_at, last_id
    from sla_simulations where id = ${id} and status in ('waiting', 'running') for no key update skip locked`.execute(db)
  const simulation = rows[0]
  if (!simulation) return false
  const { team_id: teamId, created_at, last_id } = simulation
  const after: LifeCursor | null = created_at !== null && last_id !== null ? { created_at, id: last_id } : null
  const lives = await loadLives(db, { teamId, from: simulation.from_at, after, limit: simulationStep, needed: rules.needed, names })
  const counts = { ...emptyCounts(), ...simulation.results }
  const found = lives.flatMap(({ id, life }) =>
    compareLife(life, rules, simulation.now, counts).map(clock => ({ ticket_id: id, ...clock }))
  )
  const listed = found.slice(0, Math.max(0, maxListedClocks - simulation.differing))
  if (listed.length > 0) await storeDifferences(db, teamId, id, simulation.differing, listed)
  const isDone = lives.length < simulationStep
  const last = lives.at(-1)?.cursor ?? after
  await sql`
    update sla_simulations set status = ${isDone ? 'done' : 'running'}, processed = processed + ${lives.length},
      total = greatest(processed + ${lives.length}, case when ${isDone}::boolean then 0 else total end),
      last_created_at = ${last?.created_at ?? null}::text::timestamptz, last_id = ${last?.id ?? null},
      results = ${JSON.stringify(counts)}::text::jsonb, differing = differing + ${found.length},
      finished_at = case when ${isDone}::boolean then now() end
    where id = ${id}`.execute(db)
  return !isDone
}

/** Bypasses row-level security. */
export async function failSimulation(db: Db, id: string, reason: string): Promise<void> {
  await sql`
    update sla_simulations set status = 'failed', error = ${reason}, finished_at = now()
    where id = ${id} and status in ('waiting', 'running')`.execute(db)
}

/** Removes some that are a day old. Returns how many. */
export async function removeOldSimulations(db: Db): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from sla_simulations where id = any (array(
      select id from sla_simulations where created_at < now() - interval '24 hours' limit 10))`.execute(db)
  return Number(numAffectedRows)
}

/** Adds the clocks of one ticket to `counts`, and returns those whose result differs. `now` decides what is over. */
export function compareLife(life: TicketLife, rules: Pick<Rules, 'old' | 'new'>, now: number, counts: SimulationCounts): ClockDifference[] {
  const differences: ClockDifference[] = []
  const counted = new Set<SlaMetric>()
  for (const [before, after] of pairs(replay(life, rules.old), replay(life, rules.new))) {
    const { metric, startedAt } = (before ?? after)!
    const [oldResult, newResult] = [resultOf(before, now), resultOf(after, now)]
    const sums = counts[metric]
    if (isFinal(oldResult)) sums.old[oldResult]++
    if (isFinal(newResult)) sums.new[newResult]++
    if (!isFinal(oldResult) && !isFinal(newResult)) continue
    if (!counted.has(metric)) sums.tickets++
    counted.add(metric)
    if (oldResult === newResult) continue
    if (oldResult === 'missed' && newResult === 'met') sums.newly_met++
    if (oldResult === 'met' && newResult === 'missed') sums.newly_missed++
    differences.push({ metric, startedAt, oldDueAt: before?.dueAt ?? null, newDueAt: after?.dueAt ?? null, oldResult, newResult })
  }
  return differences
}

export function emptyCounts(): SimulationCounts {
  const empty = (): MetricCounts => ({ tickets: 0, old: { met: 0, missed: 0 }, new: { met: 0, missed: 0 }, newly_met: 0, newly_missed: 0 })
  return Object.fromEntries(slaMetrics.map(metric => [metric, empty()])) as SimulationCounts
}

interface SimulationRow {
  team_id: string
  from_at: string
  processed: number
  differing: number
  results: Partial<SimulationCounts>
  now: number
  created_at: string | null
  last_id: string | null
}

const now = sql`(extract(epoch from now()) * 1000)::float8`

/** The same promise on both sides: of the same metric, begun at the same moment. */
function pairs(old: ReplayedClock[], coming: ReplayedClock[]): [ReplayedClock | undefined, ReplayedClock | undefined][] {
  const rest = [...coming]
  const paired = old.map((clock): [ReplayedClock, ReplayedClock | undefined] => {
    const place = rest.findIndex(({ metric, startedAt }) => metric === clock.metric && startedAt === clock.startedAt)
    return [clock, place === -1 ? undefined : rest.splice(place, 1)[0]]
  })
  return [...paired, ...rest.map((clock): [undefined, ReplayedClock] => [undefined, clock])]
}

/** A clock that is still open is missed once its time is over: nothing can make it met any more. Null: nothing counts. */
function resultOf(clock: ReplayedClock | undefined, now: number): ClockResult | null {
  if (!clock || clock.result === 'cancelled') return null
  if (clock.result !== null) return clock.result === 'achieved' ? 'met' : 'missed'
  return clock.dueAt !== null && clock.dueAt <= now ? 'missed' : 'open'
}

function isFinal(result: ClockResult | null): result is 'met' | 'missed' {
  return result === 'met' || result === 'missed'
}

async function storeDifferences(
  db: Db,
  teamId: string,
  simulationId: string,
  first: number,
  clocks: (ClockDifference & { ticket_id: string })[]
): Promise<void> {
  const instant = (at: number | null) => (at === null ? null : new Date(at).toISOString())
  const rows = clocks.map((clock, index) => ({
    id: first + index,
    ticket_id: clock.ticket_id,
    metric: clock.metric,
    started_at: instant(clock.startedAt),
    old_due_at: instant(clock.oldDueAt),
    new_due_at: instant(clock.newDueAt),
    old_result: clock.oldResult,
    new_result: clock.newResult
  }))
  await sql`
    insert into sla_simulation_clocks (team_id, simulation_id, id, ticket_id, metric, started_at, old_due_at, new_due_at, old_result, new_result)
    select ${teamId}, ${simulationId}, row.id, row.ticket_id, row.metric, row.started_at, row.old_due_at, row.new_due_at, row.old_result,
      row.new_result
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as row (id integer, ticket_id uuid, metric text, started_at timestamptz,
      old_due_at timestamptz, new_due_at timestamptz, old_result text, new_result text)`.execute(db)
}
