import { describe, expect, test } from 'vitest'
import type { Reply, Team, Ticket } from '#shared/types/api'
import { api, apiWithKey, expectError, createKey, newTeam, rawRequest, signIn } from '../support/api.ts'
import { ann, bob, initech, vera, type TeamWorld } from '../support/world.ts'

let shared: Promise<{ team: TeamWorld; key: string }> | undefined
const prepareKey = () => (shared ??= newTeam().then(async team => ({ team, key: await createKey(team, ann, ['read', 'write', 'export']) })))

/** Sends a request with the shared key; the path is sent unchanged, without normalisation. */
async function sendUnchanged(method: string, path: string, headers: Record<string, string> = {}) {
  const { key } = await prepareKey()
  const answer = await rawRequest(method, path, { 'x-api-key': key, ...headers })
  return {
    ...answer,
    body: answer.text && answer.headers['content-type']?.includes('json') ? (JSON.parse(answer.text) as Record<string, unknown>) : undefined
  }
}

describe('/api/v1', () => {
  test('GET /api/v1 answers the team of the key', async () => {
    const { team, key } = await prepareKey()
    const { status, body } = await apiWithKey<Team>(key, 'GET', '/v1')
    expect(status).toBe(200)
    expect(body).toEqual((await apiWithKey<Team>(key, 'GET', `/teams/${team.id}`)).body)
    expect(body).toMatchObject({ id: team.id, role: 'owner' })
  })

  test.each([
    '/tickets',
    '/tickets?page=1&page_size=2&sort=subject&order=asc',
    '/tickets/counts',
    '/tickets/1',
    '/members',
    '/cti/categories',
    '/search?q=vpn',
    '/stats',
    '/audit',
    '/canned-responses',
    '/tickets?status=nope',
    '/nothing',
    '/tickets/999'
  ])('/api/v1%s answers as the route of the team does', async path => {
    const { team, key } = await prepareKey()
    const [short, long] = [await apiWithKey(key, 'GET', `/v1${path}`), await apiWithKey(key, 'GET', `/teams/${team.id}${path}`)]
    expect(short.status).toBe(long.status)
    expect(short.body).toEqual(long.body)
    expect(short.headers.get('content-type')).toBe(long.headers.get('content-type'))
    expect(short.headers.get('content-security-policy')).toBe(long.headers.get('content-security-policy'))
    expect(short.headers.get('ratelimit-remaining')).not.toBeNull()
  })

  test('tickets can be created, changed, replied to and deleted under /api/v1', async () => {
    const team = await newTeam()
    const key = await createKey(team, ann, ['read', 'write'])
    const { status, body: ticket } = await apiWithKey<Ticket>(key, 'POST', '/v1/tickets', {
      subject: 'Backup failed',
      description: 'On host 3',
      tags: ['backup']
    })
    expect(status).toBe(201)
    expect(ticket).toMatchObject({ team_id: team.id, subject: 'Backup failed', tags: ['backup'], channel: 'api', created_by: ann.id })
    expect(
      (
        await apiWithKey<Ticket>(
          key,
          'PATCH',
          `/v1/tickets/${ticket.id}`,
          { status: 'in_progress' },
          { headers: { 'if-match': String(ticket.version) } }
        )
      ).body.status
    ).toBe('in_progress')
    expect((await apiWithKey(key, 'PATCH', `/v1/tickets/${ticket.id}`, { subject: 'x', version: 1 })).status).toBe(412)
    expect((await apiWithKey<Reply>(key, 'POST', `/v1/tickets/${ticket.id}/replies`, { content: 'Again' })).status).toBe(201)
    expectError(await apiWithKey(key, 'POST', '/v1/tickets', { subject: '' }), 400, 'invalid')
    expectError(
      await apiWithKey(key, 'POST', '/v1/tickets', undefined, { raw: '{', headers: { 'content-type': 'application/json' } }),
      400,
      'malformed'
    )
    expectError(await apiWithKey(key, 'POST', '/v1/tickets', undefined, { raw: '{}', headers: { 'content-type': 'text/plain' } }), 415)
    expectError(
      await apiWithKey(key, 'POST', '/v1/tickets', undefined, {
        raw: `{"subject":"${'x'.repeat(1_100_000)}"}`,
        headers: { 'content-type': 'application/json' }
      }),
      413
    )
    expect((await apiWithKey(key, 'DELETE', `/v1/tickets/${ticket.id}`)).status).toBe(204)
    expectError(await apiWithKey(key, 'GET', `/v1/tickets/${ticket.id}`), 404)
  })

  test('/api/v1 streams the ticket export as the route of the team does', async () => {
    const { team, key } = await prepareKey()
    const [short, long] = [
      await apiWithKey<string>(key, 'GET', '/v1/export/tickets.csv'),
      await apiWithKey<string>(key, 'GET', `/teams/${team.id}/export/tickets.csv`)
    ]
    expect(short.status).toBe(200)
    expect(short.body).toBe(long.body)
    expect(short.body.split('\r\n').length).toBeGreaterThan(4)
    expect(short.headers.get('content-disposition')).toBe('attachment; filename="tickets.csv"')
  })

  test('/api/v1 answers 405 to other methods as the route of the team does', async () => {
    const { team } = await prepareKey()
    const [short, long] = [await sendUnchanged('PUT', '/api/v1/tickets'), await sendUnchanged('PUT', `/api/teams/${team.id}/tickets`)]
    expect([short.status, short.headers.allow, short.body]).toEqual([405, long.headers.allow, long.body])
  })

  test('/api/v1 refuses requests without an API key, with an unknown key, or with a key and a session', async () => {
    for (const path of ['/v1', '/v1/tickets', '/v1/nothing']) {
      expectError(await api(null, 'GET', path), 401)
      expectError(await api(bob, 'GET', path), 401, 'unknown_key')
      expectError(await apiWithKey(`sk_${'x'.repeat(43)}`, 'GET', path), 401, 'unknown_key')
      expectError(
        await apiWithKey((await prepareKey()).key, 'GET', path, undefined, { headers: { authorization: `Bearer ${await signIn(bob)}` } }),
        400,
        'two_identities'
      )
    }
  })

  test('the scopes of the key and the role of its member apply under /api/v1', async () => {
    const { team } = await prepareKey()
    expectError(
      await apiWithKey(await createKey(team, vera, ['read', 'write']), 'POST', '/v1/tickets', { subject: 'x', description: 'x' }),
      403,
      'forbidden'
    )
    expectError(
      await apiWithKey(await createKey(team, bob, ['read']), 'POST', '/v1/tickets', { subject: 'x', description: 'x' }),
      403,
      'scope'
    )
  })
})

describe('paths under /api/v1', () => {
  const other = initech.id
  test.each([
    '/api/v1/../profile',
    '/api/v1/../../profile',
    '/api/v1/../teams',
    `/api/v1/../${other}/tickets`,
    `/api/v1/../../teams/${other}/tickets`,
    '/api/v1/%2e%2e/profile',
    '/api/v1/..%2fprofile',
    '/api/v1/..%2f..%2fprofile',
    `/api/v1/%2e%2e%2f${other}%2ftickets`,
    '/api/v1/%252e%252e/profile',
    '/api/v1//profile',
    '/api/v1//tickets',
    '/api/v1///',
    '/api/v1/./tickets',
    '/api/v1/..;/profile',
    '/api/v1/;/tickets',
    '/api/v1/\\..\\profile',
    '/api/v1/%5c..%5cprofile',
    '/api/v1/%00',
    '/api/v1/tickets%00',
    '/api/v1/%',
    '/api/v1/tickets/%',
    '/api/v1/%2f',
    '/api/v1/#',
    `/api/v1/teams/${other}/tickets`,
    `/api/v1/${other}/tickets`,
    '/api/v1/v1/tickets',
    '/api/v1/_nuxt_icon/x',
    '/api/v1?teamId=x',
    `/api/v1/tickets?teamId=${other}&team_id=${other}`,
    '/api//v1/tickets',
    '/api/V1/tickets',
    '/api/v1/tickets/../../../profile',
    '/api/v1/profile',
    '/api/v1/invitations/x/accept'
  ])('the path %s does not leave the team of the key', async path => {
    const { team } = await prepareKey()
    const { status, text } = await sendUnchanged('GET', path)
    expect(text).not.toMatch(/Initech|Stapler|ann@acme\.test/)
    expect(text).not.toContain(other)
    if (status === 200) {
      // The team itself or one of its lists: however the path is read, it stays in the team of the key.
      expect(JSON.stringify(JSON.parse(text))).toContain(team.id)
    } else {
      expect(status).toBeGreaterThanOrEqual(400)
      expect(status).toBeLessThan(500)
      expect(JSON.parse(text)).toMatchObject({ statusCode: status, data: { code: expect.any(String) as string } })
    }
  })
})
