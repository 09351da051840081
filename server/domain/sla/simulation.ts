import { sql } from 'kysely'
import { slaMetrics } from '#shared/sla/clock'
import type { PageQuery } from '#shared/schemas/page'
import type { SlaSimulationCreate } from '#shared/schemas/sla'
import type { SlaSimulation, SlaSimulationClock } from '#shared/types/api'
import type { Db } from '../../db/types'
import { currentCoverage, storedIntervals } from '../calendar/coverage'
import { listOf, mapList, type List } from '../page'
import { deleteOrRefuse, notFound } from '../refusal'
import type { Draft } from './rules'
import { emptyCounts, type SimulationCounts } from './simulate'

/**
 * Has a job try a draft on the tickets of the last 90 days. Throws 404 for a policy or calendar that the team does not have, 409
 * `simulation_running` while another one of the team is not finished, and 422 `calendar_empty`.
 */
export async function startSimulation(db: Db, teamId: string, { policy, calendar }: SlaSimulationCreate): Promise<SlaSimulation> {
  // Refuses a calendar that is never open.
  if (calendar) storedIntervals(calendar, currentCoverage(Date.now()))
  const draft: Draft = {
    policy,
    calendar: calendar && { ...calendar, holidays: calendar.holidays.map(({ date }) => ({ date })) }
  }
  const { rows } = await sql<{ id: string }>`
    select private.begin_sla_simulation(${teamId}, ${JSON.stringify(draft)}::text::jsonb) as id`.execute(db)
  return getSimulation(db, teamId, rows[0]!.id)
}

export async function getSimulation(db: Db, teamId: string, simulationId: string): Promise<SlaSimulation> {
  const row = await simulationRows(db, teamId).where('simulation.id', '=', simulationId).executeTakeFirst()
  if (!row) throw notFound()
  return asSimulation(row)
}

/** The newest first. */
export async function listSimulations(db: Db, teamId: string, query: PageQuery): Promise<List<SlaSimulation>> {
  const rows = simulationRows(db, teamId).orderBy('simulation.created_at', 'desc').orderBy('simulation.id')
  return mapList(await listOf(db, rows, query), asSimulation)
}

/** The clocks with another result whose tickets still exist, those of the newest tickets first. Throws 404. */
export async function listSimulationClocks(
  db: Db,
  teamId: string,
  simulationId: string,
  query: PageQuery
): Promise<List<SlaSimulationClock>> {
  await getSimulation(db, teamId, simulationId)
  const rows = db
    .selectFrom('sla_simulation_clocks as clock')
    .innerJoin('tickets as ticket', 'ticket.id', 'clock.ticket_id')
    .select([
      'clock.ticket_id',
      'ticket.ticket_number',
      'ticket.subject',
      'clock.metric',
      'clock.started_at',
      'clock.old_due_at',
      'clock.new_due_at',
      'clock.old_result',
      'clock.new_result'
    ])
    .where('clock.team_id', '=', teamId)
    .where('clock.simulation_id', '=', simulationId)
    .orderBy('clock.id')
    .$castTo<SlaSimulationClock>()
  return listOf(db, rows, query)
}

/** A simulation that is not finished ends. */
export async function deleteSimulation(db: Db, teamId: string, simulationId: string): Promise<void> {
  await deleteOrRefuse(db.deleteFrom('sla_simulations').where('team_id', '=', teamId).where('id', '=', simulationId))
}

type SimulationRow = Omit<SlaSimulation, 'metrics'> & { results: Partial<SimulationCounts> }

function asSimulation({ results, ...row }: SimulationRow): SlaSimulation {
  const counts = { ...emptyCounts(), ...results }
  return {
    ...row,
    metrics: slaMetrics.map(metric => ({
      metric,
      ...counts[metric],
      old: withCompliance(counts[metric].old),
      new: withCompliance(counts[metric].new)
    }))
  }
}

function withCompliance({ met, missed }: { met: number; missed: number }) {
  return { met, missed, compliance: met + missed === 0 ? null : Math.round((met / (met + missed)) * 10_000) / 10_000 }
}

function simulationRows(db: Db, teamId: string) {
  return db
    .selectFrom('sla_simulations as simulation')
    .select([
      'simulation.id',
      'simulation.team_id',
      sql<SlaSimulation['policy']>`case when jsonb_typeof(simulation.draft -> 'policy') = 'object' then
        jsonb_build_object('id', simulation.draft -> 'policy' -> 'id', 'name', simulation.draft -> 'policy' -> 'name') end`.as('policy'),
      sql<string | null>`simulation.draft -> 'calendar' ->> 'id'`.as('calendar_id'),
      'simulation.status',
      'simulation.from_at',
      'simulation.total',
      'simulation.processed',
      'simulation.results',
      'simulation.differing',
      'simulation.error',
      'simulation.created_by',
      'simulation.created_at',
      'simulation.finished_at'
    ])
    .where('simulation.team_id', '=', teamId)
    .$castTo<SimulationRow>()
}
