import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { BulkAnswer, Invitation, IssuedApiKey, Ticket } from '#shared/types/api'
import { api, apiWithKey, readTeamRows, database, expectError, createKey, newTeam } from '../support/api.ts'
import { formOf } from '../support/form.ts'
import { mailsTo, newAddress } from '../support/mail.ts'
import { callers } from '../support/authorization/principals.ts'
import { buildRequest, rights } from '../support/routes.ts'
import { adam, ann, bob, type TeamWorld } from '../support/world.ts'

const newTicket = { subject: 'Backup failed', description: 'On host 3' }
const withKey = (key: string) => ({ headers: { 'idempotency-key': key } })
// Leaves out what workers change of deliveries. A duplicate delivery would still show, because it has an id of its own.
const stableContentsOf = async (team: TeamWorld) =>
  (await readTeamRows(team.id))
    .split('\n')
    .filter(row => !row.includes('"delivery_id"'))
    .map(row => (/"next_attempt_at"|"failing_since"/.test(row) ? /"id": "[^"]+"/.exec(row)?.[0] : row))
    .sort()
const ticketCount = async (team: TeamWorld) =>
  (await database()<[{ count: number }]>`select count(*)::int from public.tickets where team_id = ${team.id}`)[0].count

describe('every POST, repeated with its Idempotency-Key', () => {
  const posts = Object.values(rights)
    .flat()
    .filter(({ route }) => route.startsWith('POST '))

  test('the authorization matrix has more than 20 POST routes', () => {
    expect(posts.length).toBeGreaterThan(20)
  })

  test.each(posts.map(right => [`${right.does}: ${right.route}`, right] as const))(
    'a repetition writes nothing and answers the same: %s',
    async (_, right) => {
      const team = await newTeam()
      const { method, path } = buildRequest(right, team)
      const caller = callers[right.by[0] ?? 'an owner'] as typeof ann
      const key = randomUUID()
      const body = right.body?.(team)
      const first = await api(caller, method, path, body, withKey(key))
      if (right.by.length > 0) expect(first.status, JSON.stringify(first.body)).toBe(right.status)
      expect(first.headers.get('idempotency-replayed')).toBeNull()
      const after = await stableContentsOf(team)
      const second = await api(caller, method, path, body, withKey(key))
      expect(second.status).toBe(first.status)
      expect(second.body).toEqual(first.body)
      // A failed request runs again; a successful one is replayed.
      expect(second.headers.get('idempotency-replayed')).toBe(first.status < 300 ? 'true' : null)
      expect(await stableContentsOf(team)).toEqual(after)
      if (body !== undefined && first.status < 300)
        expectError(
          body instanceof FormData
            ? await api(caller, method, path, formOf('another file'), withKey(key))
            : await api(caller, method, path, undefined, {
                raw: `${JSON.stringify(body)} `,
                headers: { 'content-type': 'application/json', 'idempotency-key': key }
              }),
          422,
          'idempotency_mismatch'
        )
      expect(await stableContentsOf(team)).toEqual(after)
    }
  )
})

describe('an Idempotency-Key', () => {
  test('fifty concurrent requests with one Idempotency-Key create one ticket and get equal answers', async () => {
    const team = await newTeam()
    const before = await ticketCount(team)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => api<Ticket>(bob, 'POST', `/teams/${team.id}/tickets`, newTicket, withKey('monday')))
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1)
    expect(await ticketCount(team)).toBe(before + 1)
  })

  test('an invitation, or its resend, that is repeated with its Idempotency-Key sends one mail', async () => {
    const team = await newTeam()
    const email = newAddress('nina')
    const invite = () => api<Invitation>(ann, 'POST', `/teams/${team.id}/invitations`, { email, role: 'member' }, withKey('nina'))
    const answers = await Promise.all([invite(), invite(), invite()])
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    const again = `/teams/${team.id}/invitations/${answers[0]!.body.id}/resend`
    for (let number = 0; number < 2; number++) expect((await api(ann, 'POST', again, undefined, withKey('nina again'))).status).toBe(200)
    expect(await mailsTo(email, 2)).toHaveLength(2)
  })

  test('the same Idempotency-Key from another person or from an API key is a separate request', async () => {
    const team = await newTeam()
    const key = await createKey(team, bob, ['write'])
    const path = `/teams/${team.id}/tickets`
    const answers = [
      await api<Ticket>(bob, 'POST', path, newTicket, withKey('k')),
      await api<Ticket>(adam, 'POST', path, newTicket, withKey('k')),
      await apiWithKey<Ticket>(key, 'POST', path, newTicket, withKey('k'))
    ]
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(3)
    expect(answers.every(({ headers }) => headers.get('idempotency-replayed') === null)).toBe(true)
    // For an API key the path under /v1 and the path of its team are the same address.
    const again = await apiWithKey<Ticket>(key, 'POST', '/v1/tickets', newTicket, withKey('k'))
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toEqual(answers[2]!.body)
  })

  test('an Idempotency-Key can be used again on another route, which then runs', async () => {
    const team = await newTeam()
    expect((await api(ann, 'POST', `/teams/${team.id}/canned-responses`, { title: 'A', content: 'A' }, withKey('k'))).status).toBe(201)
    expect((await api(ann, 'POST', `/teams/${team.id}/saved-views`, { name: 'A', filters: {} }, withKey('k'))).status).toBe(201)
  })

  test('an Idempotency-Key with another body answers 422, even on a route that reads no body', async () => {
    const team = await newTeam()
    const {
      body: { operation_id }
    } = await api<BulkAnswer>(ann, 'POST', `/teams/${team.id}/tickets/bulk`, { ids: [team.tickets.anns], action: 'set_severity', value: 1 })
    const path = `/teams/${team.id}/operations/${operation_id}/undo`
    const undo = (raw: string) =>
      api(ann, 'POST', path, undefined, { raw, headers: { 'content-type': 'application/json', 'idempotency-key': 'k' } })
    expect((await undo('{"a":1}')).status).toBe(200)
    expect((await undo('{"a":1}')).headers.get('idempotency-replayed')).toBe('true')
    expectError(await undo('{"a":2}'), 422, 'idempotency_mismatch')
    expectError(await undo('x'.repeat(1_000_001)), 413)
  })

  test('an Idempotency-Key recognises its path in every spelling', async () => {
    const team = await newTeam()
    const before = await ticketCount(team)
    const [first, ...again] = await Promise.all(
      [`/teams/${team.id}/tickets`, `/teams/${team.id}/tickets/`, `/teams/${team.id.toUpperCase()}/tickets`].map(async path =>
        api<Ticket>(bob, 'POST', path, newTicket, withKey('k'))
      )
    )
    for (const { status, body } of again) expect([status, body]).toEqual([201, first!.body])
    expect(await ticketCount(team)).toBe(before + 1)
  })

  test('the Idempotency-Key of a failed request can be used for the corrected request', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/tickets`
    expectError(await api(bob, 'POST', path, { ...newTicket, assigned_to: adam.id }, withKey('k')), 403)
    expectError(await api(bob, 'POST', path, { ...newTicket, category: 'nope' }, withKey('k')), 400)
    expect((await api(bob, 'POST', path, newTicket, withKey('k'))).status).toBe(201)
  })

  test('a repetition returns an API key that is shown only once, and the database stores it encrypted', async () => {
    const team = await newTeam()
    const postKey = () =>
      api<IssuedApiKey>(ann, 'POST', `/teams/${team.id}/api-keys`, { name: 'n8n', scopes: ['read'] }, withKey('the first key'))
    const [first, second] = [await postKey(), await postKey()]
    expect(second.body.key).toBe(first.body.key)
    expect((await apiWithKey(second.body.key, 'GET', '/v1')).status).toBe(200)
    const stored = await database()<{ result: Buffer }[]>`select result from private.idempotency_keys`
    expect(stored.length).toBeGreaterThan(0)
    for (const { result } of stored) expect(result.toString('latin1')).not.toMatch(/sk_|result/)
  })

  test('an Idempotency-Key expires after a day', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/tickets`
    const first = await api<Ticket>(bob, 'POST', path, newTicket, withKey('daily'))
    await database()`update private.idempotency_keys set created_at = now() - interval '25 hours' where user_id = ${bob.id}`
    const second = await api<Ticket>(bob, 'POST', path, newTicket, withKey('daily'))
    expect(second.body.id).not.toBe(first.body.id)
    expect((await api<Ticket>(bob, 'POST', path, newTicket, withKey('daily'))).body.id).toBe(second.body.id)
  })

  test('a repetition is refused when its sender has lost the permission', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/tickets`
    expect((await api(bob, 'POST', path, newTicket, withKey('k'))).status).toBe(201)
    await api(ann, 'PATCH', `/teams/${team.id}/members/${bob.id}`, { role: 'viewer' })
    expectError(await api(bob, 'POST', path, newTicket, withKey('k')), 403)
    await api(ann, 'DELETE', `/teams/${team.id}/members/${bob.id}`)
    expectError(await api(bob, 'POST', path, newTicket, withKey('k')), 404)
  })

  test.each([
    ['260 characters', '1234567890'.repeat(26)],
    ['no characters', ''],
    ['a letter outside ASCII', 'caf\u00e9'],
    ['a tab', 'a\tb']
  ])('an Idempotency-Key of %s is refused', async (_, key) => {
    const team = await newTeam()
    const before = await ticketCount(team)
    expectError(await api(bob, 'POST', `/teams/${team.id}/tickets`, newTicket, withKey(key)), 400, 'invalid')
    expect(await ticketCount(team)).toBe(before)
  })

  test('an Idempotency-Key may have 255 printable characters', async () => {
    const team = await newTeam()
    expect((await api(bob, 'POST', `/teams/${team.id}/tickets`, newTicket, withKey(`~ "'${'x'.repeat(251)}`))).status).toBe(201)
  })

  test('an Idempotency-Key is ignored on other methods than POST', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/tickets/${team.tickets.bobs}`
    expect((await api<Ticket>(bob, 'PATCH', path, { subject: 'A' }, withKey('k'))).body.subject).toBe('A')
    expect((await api<Ticket>(bob, 'PATCH', path, { subject: 'B' }, withKey('k'))).body.subject).toBe('B')
  })
})
