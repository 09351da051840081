import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { slaSimulationCreate } from '#shared/schemas/sla'
import { closePool, configureDatabase } from '#server/db/pool'
import { deleteSimulation } from '#server/domain/sla/simulation'
import { continueSimulations, removeSimulationsJob } from '#server/jobs/simulate-sla'
import { database, databaseUrl } from '../support/as.ts'
import {
  addTickets,
  allLevels,
  answer,
  asAnn,
  clocksOf,
  draftOf,
  figures,
  hour,
  hoursOf,
  never,
  newSimulatedTeam,
  read,
  removeSimulatedTeams,
  simulate,
  start,
  targets
} from '../support/sla-simulation.ts'

beforeAll(() => {
  configureDatabase(databaseUrl(), 4)
})
afterEach(removeSimulatedTeams)
afterAll(closePool)

test('a shorter target shows which tickets would have missed it', async () => {
  const team = await newSimulatedTeam()
  const [late, early, older] = [...(await addTickets(team, 3)), ...(await addTickets(team, 0.5)), ...(await addTickets(team, 6))] as [
    string,
    string,
    string
  ]
  for (const ticket of [late, early, older]) await answer(team, ticket)
  await addTickets(team, 91 * 24) // too old
  await addTickets(team, 2, 1, { channel: 'import' })
  const simulation = await simulate(team, draftOf(team, { targets: { ...targets, first_response: allLevels(hour) } }))
  expect(simulation).toMatchObject({
    status: 'done',
    total: 3,
    processed: 3,
    differing: 1,
    error: null,
    policy: { id: team.policy, name: 'All' }
  })
  expect(figures(simulation)).toEqual([
    ['first_response', 3, [2, 1], [1, 2], 0, 1],
    ['next_response', 0, [0, 0], [0, 0], 0, 0],
    ['resolution', 0, [0, 0], [0, 0], 0, 0]
  ])
  expect(simulation.metrics[0]!.old.compliance).toBe(0.6667)
  const clocks = await clocksOf(team, simulation.id)
  expect(clocks).toEqual([expect.objectContaining({ ticket_id: late, metric: 'first_response', old_result: 'met', new_result: 'missed' })])
  expect(Date.parse(clocks[0]!.old_due_at!) - Date.parse(clocks[0]!.new_due_at!)).toBe(3 * hour * 1000)
})

test('the policy as it is changes nothing, and neither does the calendar as it is', async () => {
  const team = await newSimulatedTeam()
  for (const ticket of await addTickets(team, 5, 3)) await answer(team, ticket)
  const same = slaSimulationCreate.parse({ calendar: { id: team.calendar, time_zone: 'UTC', hours: hoursOf('00:00', '24:00') } })
  for (const draft of [draftOf(team), same]) {
    const simulation = await simulate(team, draft)
    expect(simulation).toMatchObject({ status: 'done', differing: 0 })
    expect(figures(simulation)[0]).toEqual(['first_response', 3, [0, 3], [0, 3], 0, 0])
  }
})

test('a calendar with fewer hours makes promises easier to keep, and a new one counts for the policy of the draft', async () => {
  const team = await newSimulatedTeam()
  const [ticket] = (await addTickets(team, 6)) as [string]
  await answer(team, ticket)
  // Open for a minute a day.
  const calendar = { time_zone: 'UTC', hours: hoursOf('03:00', '03:01') }
  for (const draft of [
    slaSimulationCreate.parse({ calendar: { ...calendar, id: team.calendar } }),
    slaSimulationCreate.parse({ policy: { ...draftOf(team).policy, conditions: '', calendar_id: null }, calendar })
  ]) {
    const simulation = await simulate(team, draft)
    expect(figures(simulation)[0]).toEqual(['first_response', 1, [0, 1], [1, 0], 1, 0])
  }
  const [row] = await database()`select version from calendars where id = ${team.calendar}`
  expect(row, 'the calendar itself is as before').toEqual({ version: 1 })
})

test('a new policy takes the tickets that it matches, if it comes before the others', async () => {
  const team = await newSimulatedTeam()
  for (const priority of ['urgent', 'low']) for (const ticket of await addTickets(team, 3, 1, { priority })) await answer(team, ticket)
  const policy = { name: 'Urgent', conditions: 'priority:urgent', targets: { first_response: { urgent: hour } } }
  const first = await simulate(team, slaSimulationCreate.parse({ policy: { ...policy, position: 0 } }))
  expect(figures(first)[0], 'behind, at the same position').toEqual(['first_response', 2, [2, 0], [2, 0], 0, 0])
  await database()`update sla_policies set position = 1 where id = ${team.policy}`
  const second = await simulate(team, slaSimulationCreate.parse({ policy }))
  expect(figures(second)[0]).toEqual(['first_response', 2, [2, 0], [1, 1], 0, 1])
})

test('a draft names no calendar that was deleted', async () => {
  const team = await newSimulatedTeam()
  const draft = slaSimulationCreate.parse({ calendar: { id: team.calendar, time_zone: 'UTC', hours: hoursOf('09:00', '17:00') } })
  await database()`update calendars set deleted_at = now() where id = ${team.calendar}`
  for (const given of [draft, draftOf(team)]) await expect(start(team, given)).rejects.toMatchObject({ code: 'PT404' })
})

test('a team has one simulation at a time; deleting it ends it', async () => {
  const team = await newSimulatedTeam()
  await addTickets(team, 1)
  const { id } = await start(team)
  await expect(start(team)).rejects.toMatchObject({ code: 'PT409', detail: 'simulation_running' })
  await asAnn(db => deleteSimulation(db, team.id, id))
  await continueSimulations(never)
  await expect(read(team, id)).rejects.toMatchObject({ statusCode: 404 })
  await start(team)
})

test('more tickets than one step have all their results once, also with two servers', async () => {
  const team = await newSimulatedTeam()
  await addTickets(team, 5, 1_200)
  const { id } = await start(team, draftOf(team, { targets: { first_response: allLevels(9 * hour) } }))
  await Promise.all([continueSimulations(never), continueSimulations(never)])
  await continueSimulations(never)
  const simulation = await read(team, id)
  expect(simulation).toMatchObject({ status: 'done', total: 1_200, processed: 1_200, differing: 1_200 })
  expect(figures(simulation)[0]).toEqual(['first_response', 1_200, [0, 1_200], [0, 0], 0, 0])
  expect(await database()`select count(distinct ticket_id)::integer from sla_simulation_clocks where simulation_id = ${id}`).toEqual([
    { count: 1_200 }
  ])
})

test('a draft that cannot be read ends its simulation with an error', async () => {
  const team = await newSimulatedTeam()
  const { id } = await start(team)
  await database()`update sla_simulations set draft = '{"policy": {"conditions": 1}, "calendar": null}' where id = ${id}`
  await continueSimulations(never)
  expect(await read(team, id)).toMatchObject({ status: 'failed', error: 'Something went wrong' })
})

test('a team keeps 10 finished simulations, for a day', async () => {
  const team = await newSimulatedTeam()
  const ids: string[] = []
  for (let count = 0; count < 12; count++) ids.push((await simulate(team)).id)
  const left = async () =>
    (await database()`select id from sla_simulations where team_id = ${team.id} order by created_at`).map(({ id }) => id as string)
  expect(await left()).toEqual(ids.slice(-10))
  await database()`update sla_simulations set created_at = now() - interval '25 hours' where id = ${ids.at(-1)!}`
  await removeSimulationsJob.run(never)
  expect(await left()).toEqual(ids.slice(-10, -1))
})
