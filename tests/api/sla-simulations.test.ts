import { expect, test } from 'vitest'
import type { SlaSimulation, SlaSimulationClock } from '#shared/types/api'
import { api, database, expectError, newTeam } from '../support/api.ts'
import { describeRouteRights } from '../support/routes.ts'
import { acme, adam, ann, bob, ivan, unknownId, vera } from '../support/world.ts'

describeRouteRights('sla-simulations')

const targets = { first_response: { low: 3600 } }
const hours = [{ weekday: 1, opens: '09:00', closes: '17:00' }]

test('a draft is tried by a job, and everybody in the team reads its results', async () => {
  const team = await newTeam()
  const path = `/teams/${team.id}`
  await database()`
    insert into public.tickets (team_id, subject, description, priority, created_by, created_at)
    values (${team.id}, 'Forgotten', 'x', 'low', ${bob.id}, now() - interval '3 hours')`
  const { status, body } = await api<SlaSimulation>(adam, 'POST', `${path}/sla-policies/simulate`, { policy: { name: 'Soon', targets } })
  expect([status, body.status, body.policy]).toEqual([202, 'waiting', { id: null, name: 'Soon' }])
  const read = async () => (await api<SlaSimulation>(vera, 'GET', `${path}/sla-simulations/${body.id}`)).body
  await expect.poll(read, { timeout: 10_000 }).toMatchObject({ status: 'done', differing: 1, error: null })
  const done = await read()
  expect(done.processed).toBe(done.total)
  expect(done.metrics[0]).toMatchObject({
    metric: 'first_response',
    tickets: 1,
    old: { met: 0, missed: 0, compliance: null },
    new: { met: 0, missed: 1, compliance: 0 }
  })
  const { body: clocks } = await api<SlaSimulationClock[]>(vera, 'GET', `${path}/sla-simulations/${body.id}/clocks`)
  expect(clocks).toEqual([
    expect.objectContaining({ subject: 'Forgotten', metric: 'first_response', old_result: null, old_due_at: null, new_result: 'missed' })
  ])
  const { body: listed } = await api<SlaSimulation[]>(vera, 'GET', `${path}/sla-simulations`)
  expect(listed.map(({ id }) => id)).toEqual([body.id, team.simulation])
  expectError(await api(ivan, 'GET', `${path}/sla-simulations/${body.id}`), 404)
  expect((await api(ann, 'DELETE', `${path}/sla-simulations/${body.id}`)).status).toBe(204)
  expectError(await api(ann, 'DELETE', `${path}/sla-simulations/${body.id}`), 404)
})

test('a draft names no policy or calendar of another team', async () => {
  const team = await newTeam()
  const calendar = { time_zone: 'UTC', hours }
  for (const draft of [
    { policy: { id: acme.policy, name: 'x', targets } },
    { policy: { id: unknownId, name: 'x', targets } },
    { policy: { name: 'x', targets, calendar_id: acme.calendar } },
    { calendar: { ...calendar, id: acme.calendar } },
    { calendar: { ...calendar, id: team.policy } }
  ])
    expectError(await api(adam, 'POST', `/teams/${team.id}/sla-policies/simulate`, draft), 404)
})

test.each([
  [{}, 'policy', 'Send the draft of a policy, of a calendar, or of both'],
  [{ calendar: { time_zone: 'UTC', hours } }, 'calendar.id', 'A new calendar changes nothing without a policy that uses it'],
  [
    { policy: { name: 'x', targets, calendar_id: acme.calendar }, calendar: { time_zone: 'UTC', hours } },
    'policy.calendar_id',
    'The policy counts the hours of the new calendar: leave its calendar_id out'
  ]
])('the draft %j is refused with an issue at %s', async (draft, path, message) => {
  const error = expectError(await api(adam, 'POST', `/teams/${acme.id}/sla-policies/simulate`, draft), 400, 'invalid')
  expect(error.data.issues).toContainEqual({ path, message })
})

test('a calendar that is never open is refused', async () => {
  const team = await newTeam()
  // Every Monday of the seven years that a calendar covers.
  const holidays = Array.from({ length: 400 }, (_, week) => {
    const date = new Date(Date.UTC(2020, 0, 6) + (week + 300) * 7 * 86_400_000)
    return { date: date.toISOString().slice(0, 10), name: 'Monday' }
  })
  const draft = { calendar: { id: team.calendar, time_zone: 'UTC', hours, holidays } }
  expectError(await api(adam, 'POST', `/teams/${team.id}/sla-policies/simulate`, draft), 422, 'calendar_empty')
})
