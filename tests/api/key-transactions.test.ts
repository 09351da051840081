import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { apiWithKey, database, createKey, newTeam } from '../support/api.ts'
import { ann } from '../support/world.ts'

describe('the transaction of an API key', () => {
  // A temporary policy that shows rows only to read-only transactions.
  beforeAll(async () => {
    await database()`create policy test_read_only on public.canned_responses as restrictive for select to authenticated using (current_setting('transaction_read_only') = 'on')`
  })
  afterAll(async () => {
    await database()`drop policy test_read_only on public.canned_responses`
  })

  test.each([
    [['read'], true],
    [['read', 'assign'], true],
    [['read', 'write'], false],
    [['read', 'export'], false]
  ] as const)('the transaction of an API key with the scopes %j is read-only in Postgres: %s', async (scopes, isReadOnly) => {
    const team = await newTeam()
    const { status, body } = await apiWithKey<unknown[]>(await createKey(team, ann, scopes), 'GET', `/teams/${team.id}/canned-responses`)
    expect(status).toBe(200)
    expect(body.length > 0).toBe(isReadOnly)
  })
})
