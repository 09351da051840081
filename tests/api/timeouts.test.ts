import { afterAll, beforeAll, expect, test } from 'vitest'
import { api, apiWithKey, readTeamRows, database, expectError, createKey, newTeam } from '../support/api.ts'
import { ann, bob } from '../support/world.ts'

// The trigger sleeps for longer than the statement timeout. Both tests wait for seconds, so they run concurrently.
beforeAll(async () => {
  await database()`create function private.test_sleep() returns trigger language plpgsql as $$ begin perform pg_sleep(30); return new; end $$`
  await database()`create trigger test_sleep before update on public.tickets for each row when (new.subject = 'Slow') execute function private.test_sleep()`
})
afterAll(async () => {
  await database()`drop trigger test_sleep on public.tickets`
  await database()`drop function private.test_sleep()`
})

test.concurrent(
  'a request of a person or a key that takes longer than 8 seconds answers 503 and changes nothing',
  async () => {
    const team = await newTeam()
    const key = await createKey(team, bob, ['read', 'write'])
    await apiWithKey(key, 'GET', `/teams/${team.id}/tickets`) // sets last_used_at before the comparison
    const before = await readTeamRows(team.id)
    const started = performance.now()
    const address = `/teams/${team.id}/tickets/${team.tickets.bobs}`
    const [byPerson, byKey] = await Promise.all([
      api(bob, 'PATCH', address, { subject: 'Slow' }),
      apiWithKey(key, 'PATCH', `/teams/${team.id}/tickets/${team.tickets.unassigned}`, { subject: 'Slow' })
    ])
    for (const answer of [byPerson, byKey])
      expect(expectError(answer, 503, 'timeout').message).toBe('This took too long; try a narrower request')
    expect(performance.now() - started).toBeGreaterThan(7_500)
    expect(performance.now() - started).toBeLessThan(25_000)
    expect(await readTeamRows(team.id)).toBe(before)
    expect((await api(bob, 'PATCH', address, { subject: 'Quick' })).status, 'the connection still works').toBe(200)
  },
  60_000
)

test.concurrent(
  'a request that waits too long for a lock answers 503 and changes nothing',
  async () => {
    const team = await newTeam()
    const before = await readTeamRows(team.id)
    await database().begin(async sql => {
      await sql`select from public.tickets where team_id = ${team.id} for update`
      expectError(await api(ann, 'PATCH', `/teams/${team.id}/tickets/${team.tickets.bobs}`, { subject: 'Waits' }), 503, 'unavailable')
    })
    expect(await readTeamRows(team.id)).toBe(before)
  },
  60_000
)
