import { randomUUID } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { BulkAnswer, Invitation, IssuedApiKey, Ticket } from '#shared/types/api'
import { api, apiBy, contentsOf, database, expectError, keyOf, newTeam } from '../support/api.ts'
import { mailsTo, newAddress } from '../support/mail.ts'
import { callers } from '../support/matrix.ts'
import { requestOf, rights } from '../support/routes.ts'
import { adam, ann, bob, type TeamWorld } from '../support/world.ts'

const newTicket = { subject: 'Backup failed', description: 'On host 3' }
const under = (key: string) => ({ headers: { 'idempotency-key': key } })
// What a worker does meanwhile with deliveries counts for nothing: a second one would have an id of its own.
const writtenIn = async (team: TeamWorld) =>
  (await contentsOf(team.id))
    .split('\n')
    .filter(row => !row.includes('"delivery_id"'))
    .map(row => (/"next_attempt_at"|"failing_since"/.test(row) ? /"id": "[^"]+"/.exec(row)?.[0] : row))
    .sort()
const ticketCount = async (team: TeamWorld) =>
  (await database()<[{ count: number }]>`select count(*)::int from public.tickets where team_id = ${team.id}`)[0].count

describe('every POST that is sent again with its Idempotency-Key', () => {
  const posts = Object.values(rights)
    .flat()
    .filter(({ route }) => route.startsWith('POST '))

  test('is one of many', () => {
    expect(posts.length).toBeGreaterThan(20)
  })

  test.each(posts.map(right => [`${right.does}: ${right.route}`, right] as const))('%s', async (_, right) => {
    const team = await newTeam()
    const { method, path } = requestOf(right, team)
    const caller = callers[right.by[0] ?? 'an owner'] as typeof ann
    const key = randomUUID()
    const body = right.body?.(team)
    const first = await api(caller, method, path, body, under(key))
    if (right.by.length > 0) expect(first.status, JSON.stringify(first.body)).toBe(right.status)
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    const after = await writtenIn(team)
    const second = await api(caller, method, path, body, under(key))
    expect(second.status).toBe(first.status)
    expect(second.body).toEqual(first.body)
    // What failed is tried again, what succeeded is not.
    expect(second.headers.get('idempotency-replayed')).toBe(first.status < 300 ? 'true' : null)
    expect(await writtenIn(team)).toEqual(after)
    if (body !== undefined && first.status < 300)
      expectError(
        await api(caller, method, path, undefined, {
          raw: `${JSON.stringify(body)} `,
          headers: { 'content-type': 'application/json', 'idempotency-key': key }
        }),
        422,
        'idempotency_mismatch'
      )
    expect(await writtenIn(team)).toEqual(after)
  })
})

describe('an Idempotency-Key', () => {
  test('sent fifty times at once makes one ticket, and fifty equal answers', async () => {
    const team = await newTeam()
    const before = await ticketCount(team)
    const answers = await Promise.all(
      Array.from({ length: 50 }, () => api<Ticket>(bob, 'POST', `/teams/${team.id}/tickets`, newTicket, under('monday')))
    )
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]))
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1)
    expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === null)).toHaveLength(1)
    expect(await ticketCount(team)).toBe(before + 1)
  })

  test('mails an invitation once, however often it is asked for', async () => {
    const team = await newTeam()
    const email = newAddress('nina')
    const invite = () => api<Invitation>(ann, 'POST', `/teams/${team.id}/invitations`, { email, role: 'member' }, under('nina'))
    const answers = await Promise.all([invite(), invite(), invite()])
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201])
    const again = `/teams/${team.id}/invitations/${answers[0]!.body.id}/resend`
    for (let number = 0; number < 2; number++) expect((await api(ann, 'POST', again, undefined, under('nina again'))).status).toBe(200)
    expect(await mailsTo(email, 2)).toHaveLength(2)
  })

  test("is its sender's: somebody else's, and a key of the same member's, are others", async () => {
    const team = await newTeam()
    const key = await keyOf(team, bob, ['write'])
    const path = `/teams/${team.id}/tickets`
    const answers = [
      await api<Ticket>(bob, 'POST', path, newTicket, under('k')),
      await api<Ticket>(adam, 'POST', path, newTicket, under('k')),
      await apiBy<Ticket>(key, 'POST', path, newTicket, under('k'))
    ]
    expect(new Set(answers.map(({ body }) => body.id)).size).toBe(3)
    expect(answers.every(({ headers }) => headers.get('idempotency-replayed') === null)).toBe(true)
    // By its team's own address or without it, the request of a key is the same.
    const again = await apiBy<Ticket>(key, 'POST', '/v1/tickets', newTicket, under('k'))
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(again.body).toEqual(answers[2]!.body)
  })

  test('is of one address: another route does its own work', async () => {
    const team = await newTeam()
    expect((await api(ann, 'POST', `/teams/${team.id}/canned-responses`, { title: 'A', content: 'A' }, under('k'))).status).toBe(201)
    expect((await api(ann, 'POST', `/teams/${team.id}/saved-views`, { name: 'A', filters: {} }, under('k'))).status).toBe(201)
  })

  test('is of one body, also where the route reads none', async () => {
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

  test('is of one address, however that is written', async () => {
    const team = await newTeam()
    const before = await ticketCount(team)
    const [first, ...again] = await Promise.all(
      [`/teams/${team.id}/tickets`, `/teams/${team.id}/tickets/`, `/teams/${team.id.toUpperCase()}/tickets`].map(async path =>
        api<Ticket>(bob, 'POST', path, newTicket, under('k'))
      )
    )
    for (const { status, body } of again) expect([status, body]).toEqual([201, first!.body])
    expect(await ticketCount(team)).toBe(before + 1)
  })

  test('of a request that failed is free: the mended request succeeds', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/tickets`
    expectError(await api(bob, 'POST', path, { ...newTicket, assigned_to: adam.id }, under('k')), 403)
    expectError(await api(bob, 'POST', path, { ...newTicket, category: 'nope' }, under('k')), 400)
    expect((await api(bob, 'POST', path, newTicket, under('k'))).status).toBe(201)
  })

  test('gives back what is shown once, which the database cannot read', async () => {
    const team = await newTeam()
    const make = () =>
      api<IssuedApiKey>(ann, 'POST', `/teams/${team.id}/api-keys`, { name: 'n8n', scopes: ['read'] }, under('the first key'))
    const [first, second] = [await make(), await make()]
    expect(second.body.key).toBe(first.body.key)
    expect((await apiBy(second.body.key, 'GET', '/v1')).status).toBe(200)
    const stored = await database()<{ result: Buffer }[]>`select result from private.idempotency_keys`
    expect(stored.length).toBeGreaterThan(0)
    for (const { result } of stored) expect(result.toString('latin1')).not.toMatch(/sk_|result/)
  })

  test('is forgotten after a day', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/tickets`
    const first = await api<Ticket>(bob, 'POST', path, newTicket, under('daily'))
    await database()`update private.idempotency_keys set created_at = now() - interval '25 hours' where user_id = ${bob.id}`
    const second = await api<Ticket>(bob, 'POST', path, newTicket, under('daily'))
    expect(second.body.id).not.toBe(first.body.id)
    expect((await api<Ticket>(bob, 'POST', path, newTicket, under('daily'))).body.id).toBe(second.body.id)
  })

  test('does not outlive the right to what it answers', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/tickets`
    expect((await api(bob, 'POST', path, newTicket, under('k'))).status).toBe(201)
    await api(ann, 'PATCH', `/teams/${team.id}/members/${bob.id}`, { role: 'viewer' })
    expectError(await api(bob, 'POST', path, newTicket, under('k')), 403)
    await api(ann, 'DELETE', `/teams/${team.id}/members/${bob.id}`)
    expectError(await api(bob, 'POST', path, newTicket, under('k')), 404)
  })

  test.each([
    ['a hundred times', '1234567890'.repeat(26)],
    ['nothing', ''],
    ['bytes', 'caf\u00e9'],
    ['a tab', 'a\tb']
  ])('of %s is refused', async (_, key) => {
    const team = await newTeam()
    const before = await ticketCount(team)
    expectError(await api(bob, 'POST', `/teams/${team.id}/tickets`, newTicket, under(key)), 400, 'invalid')
    expect(await ticketCount(team)).toBe(before)
  })

  test('takes 255 characters of any printable kind', async () => {
    const team = await newTeam()
    expect((await api(bob, 'POST', `/teams/${team.id}/tickets`, newTicket, under(`~ "'${'x'.repeat(251)}`))).status).toBe(201)
  })

  test('is for POST: other methods pay no regard to it', async () => {
    const team = await newTeam()
    const path = `/teams/${team.id}/tickets/${team.tickets.bobs}`
    expect((await api<Ticket>(bob, 'PATCH', path, { subject: 'A' }, under('k'))).body.subject).toBe('A')
    expect((await api<Ticket>(bob, 'PATCH', path, { subject: 'B' }, under('k'))).body.subject).toBe('B')
  })
})
