import { randomUUID } from 'node:crypto'
import { slaSimulationCreate } from '#shared/schemas/sla'
import type { SlaSimulation, SlaSimulationClock } from '#shared/types/api'
import { asUser } from '#server/db/identity'
import { getSimulation, listSimulationClocks, startSimulation } from '#server/domain/sla/simulation'
import { continueSimulations } from '#server/jobs/simulate-sla'
import { database } from './as.ts'
import { insertCalendar } from './calendars.ts'
import { addTeam, ann, bob } from './world.ts'

const teams: string[] = []
const everyDay = [1, 2, 3, 4, 5, 6, 7]

export const hour = 3600
export const never = new AbortController().signal
export const hoursOf = (opens: string, closes: string) => everyDay.map(weekday => ({ weekday, opens, closes }))
export const allLevels = (seconds: number) => ({ low: seconds, normal: seconds, high: seconds, urgent: seconds })
export const targets = { first_response: allLevels(4 * hour), resolution: allLevels(24 * hour) }

export interface SimulatedTeam {
  id: string
  policy: string
  calendar: string
}

/** A team whose only policy promises a first response within 4 hours and a resolution within 24, in a calendar that is always open. */
export async function newSimulatedTeam(): Promise<SimulatedTeam> {
  const team = { id: randomUUID(), policy: randomUUID(), calendar: '' }
  teams.push(team.id)
  const sql = database()
  await sql.begin(sql => addTeam(sql, team.id, [ann, bob]))
  const rules = { time_zone: 'UTC', hours: hoursOf('00:00', '24:00'), holidays: [] }
  team.calendar = await insertCalendar(sql, team.id, { rules, until: Date.now() + 400 * 86_400_000 })
  await sql`insert into public.sla_policies ${sql({ id: team.policy, team_id: team.id, name: 'All', targets: sql.json(targets), calendar_id: team.calendar })}`
  return team
}

export async function removeSimulatedTeams(): Promise<void> {
  await database()`delete from public.teams where id in ${database()(teams.splice(0))}`
}

/** Tickets that were created so many hours ago. */
export async function addTickets(
  team: SimulatedTeam,
  hoursAgo: number,
  count = 1,
  fields: Record<string, unknown> = {}
): Promise<string[]> {
  const sql = database()
  const created_at = new Date(Date.now() - hoursAgo * 3_600_000)
  const row = { team_id: team.id, description: 'x', created_by: bob.id, created_at, ...fields }
  const rows = Array.from({ length: count }, (_, index) => ({ ...row, subject: `Ticket ${index}` }))
  return (await sql<{ id: string }[]>`insert into public.tickets ${sql(rows)} returning id`).map(({ id }) => id)
}

/** An agent answers now. */
export async function answer(team: SimulatedTeam, ticket: string): Promise<void> {
  await database()`insert into public.ticket_replies (team_id, ticket_id, user_id, content) values (${team.id}, ${ticket}, ${bob.id}, 'x')`
}

/** The policy of the team with other fields. */
export const draftOf = (team: SimulatedTeam, fields: Record<string, unknown> = {}) =>
  slaSimulationCreate.parse({ policy: { id: team.policy, name: 'All', targets, calendar_id: team.calendar, ...fields } })

export const asAnn = <T>(work: Parameters<typeof asUser<T>>[1]) => asUser({ sub: ann.id }, work)
export const start = (team: SimulatedTeam, draft = draftOf(team)) => asAnn(db => startSimulation(db, team.id, draft))
export const read = (team: SimulatedTeam, id: string) => asAnn(db => getSimulation(db, team.id, id))

/** Starts a simulation and runs the job. */
export async function simulate(team: SimulatedTeam, draft = draftOf(team)): Promise<SlaSimulation> {
  const { id } = await start(team, draft)
  await continueSimulations(never)
  return read(team, id)
}

/** Of each metric: tickets, what was met and missed under the old and the new rules, and what was newly met and missed. */
export const figures = ({ metrics }: SlaSimulation) =>
  metrics.map(({ metric, tickets, old, new: coming, newly_met, newly_missed }) => [
    metric,
    tickets,
    [old.met, old.missed],
    [coming.met, coming.missed],
    newly_met,
    newly_missed
  ])

export async function clocksOf(team: SimulatedTeam, id: string): Promise<SlaSimulationClock[]> {
  const list = await asAnn(db => listSimulationClocks(db, team.id, id, { page_size: 25 }))
  return 'rows' in list ? list.rows : list.data
}
