import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { closePool, configureDatabase } from '#server/db/pool'
import { maxListedClocks } from '#server/domain/sla/simulate'
import { continueSimulations } from '#server/jobs/simulate-sla'
import { database, databaseUrl } from '../support/as.ts'
import {
  addTickets,
  allLevels,
  clocksOf,
  draftOf,
  figures,
  hour,
  never,
  newSimulatedTeam,
  read,
  removeSimulatedTeams,
  simulate,
  start
} from '../support/sla-simulation.ts'

beforeAll(() => {
  configureDatabase(databaseUrl(), 4)
})
afterEach(removeSimulatedTeams)
afterAll(closePool)

test('a clock that is open and overdue is missed, and a ticket that loses its promise is no longer counted', async () => {
  const team = await newSimulatedTeam()
  await addTickets(team, 30)
  const simulation = await simulate(team, draftOf(team, { targets: { first_response: allLevels(40 * hour) } }))
  expect(figures(simulation)).toEqual([
    ['first_response', 1, [0, 1], [0, 0], 0, 0],
    ['next_response', 0, [0, 0], [0, 0], 0, 0],
    ['resolution', 1, [0, 1], [0, 0], 0, 0]
  ])
  expect((await clocksOf(team, simulation.id)).map(row => [row.metric, row.old_result, row.new_result])).toEqual([
    ['first_response', 'missed', 'open'],
    ['resolution', 'missed', null]
  ])
})

test('all clocks with another result are counted, and the first 10,000 are listed', async () => {
  const team = await newSimulatedTeam()
  await addTickets(team, 5, 3)
  const { id } = await start(team, draftOf(team, { targets: { first_response: allLevels(9 * hour) } }))
  await database()`update sla_simulations set differing = ${maxListedClocks - 2} where id = ${id}`
  await continueSimulations(never)
  expect(await read(team, id)).toMatchObject({ status: 'done', differing: maxListedClocks + 1 })
  expect(await clocksOf(team, id)).toHaveLength(2)
})

test('the list leaves out tickets that were deleted since', async () => {
  const team = await newSimulatedTeam()
  const [deleted, kept] = (await addTickets(team, 5, 2)) as [string, string]
  const { id } = await simulate(team, draftOf(team, { targets: { first_response: allLevels(9 * hour) } }))
  await database()`delete from public.tickets where id = ${deleted}`
  expect((await clocksOf(team, id)).map(({ ticket_id }) => ticket_id)).toEqual([kept])
})
