import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import type { IssuedApiKey, Webhook } from '#shared/types/api'
import { api, apiWithKey, auth, readTeamRows, database, expectError, newTeam } from '../support/api.ts'
import { adam, bob, password } from '../support/world.ts'

interface SignedIn {
  session: string
  headers: { authorization: string }
}

async function signInNow(): Promise<SignedIn> {
  const { access_token: token } = (await auth<{ access_token: string }>('/token?grant_type=password', { email: adam.email, password })).body
  const { session_id: session } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { session_id: string }
  return { session, headers: { authorization: `Bearer ${token}` } }
}

async function signInLongAgo(): Promise<SignedIn> {
  const signedIn = await signInNow()
  await database()`update auth.sessions set created_at = now() - interval '16 minutes' where id = ${signedIn.session}`
  return signedIn
}

test('an old session cannot create lasting access, and the same requests succeed after a new sign-in', async () => {
  const team = await newTeam()
  const old = await signInLongAgo()
  const before = await readTeamRows(team.id)
  const requests: [method: string, path: string, body: object | undefined, status: number][] = [
    ['POST', '/api-keys', { name: 'n8n', scopes: ['read'] }, 201],
    ['POST', '/api-keys', { name: 'Script', scopes: ['read'], user_id: adam.id }, 201],
    ['POST', `/api-keys/${team.apiKey}/rotate`, undefined, 200],
    ['POST', '/invitations', { email: `rita.${randomUUID()}@client.test`, role: 'viewer' }, 201],
    ['POST', '/invitations', { email: `rita.${randomUUID()}@client.test`, role: 'admin' }, 201],
    ['POST', `/invitations/${team.invitation}/resend`, undefined, 200],
    ['PATCH', `/members/${bob.id}`, { role: 'admin' }, 200],
    ['POST', '/webhooks', { name: 'New', url: 'https://93.184.215.14/new', events: ['ticket.created'] }, 201],
    ['PATCH', `/webhooks/${team.webhook}`, { url: 'https://93.184.215.14/elsewhere' }, 200],
    ['POST', `/webhooks/${team.webhook}/rotate-secret`, undefined, 200],
    ['PUT', '/reply-address', { email: `help.${randomUUID()}@client.test` }, 200]
  ]
  const keys = requests.map(() => randomUUID())
  const send = (index: number, { headers }: SignedIn, key = keys[index]!) => {
    const [method, path, body] = requests[index]!
    return api<IssuedApiKey>(null, method, `/teams/${team.id}${path}`, body, {
      headers: { ...headers, ...(method === 'POST' && { 'idempotency-key': key }) }
    })
  }
  for (const index of requests.keys()) expectError(await send(index, old), 403, 'reauthentication_required')
  expect(await readTeamRows(team.id)).toBe(before)
  expect(await database()`select from private.reply_address_requests where team_id = ${team.id}`).toHaveLength(0)
  expect((await api(null, 'GET', `/teams/${team.id}/api-keys`, undefined, { headers: old.headers })).status).toBe(200)

  const recent = await signInNow()
  for (const [index, [method, path, , status]] of requests.entries()) {
    const answer = await send(index, recent)
    expect(answer.status, `${method} ${path} ${JSON.stringify(answer.body)}`).toBe(status)
    if (path.startsWith('/api-keys')) expect((await apiWithKey(answer.body.key, 'GET', `/teams/${team.id}/tickets`)).status).toBe(200)
  }
  // The new sign-in does not renew the old session.
  for (const index of [1, 4, 7, 9]) expectError(await send(index, old, randomUUID()), 403, 'reauthentication_required')
})

test('an old session can still revoke access and make changes that grant none', async () => {
  const team = await newTeam()
  const { headers } = await signInLongAgo()
  const call = (method: string, path: string, body?: object) => api<Webhook>(null, method, `/teams/${team.id}${path}`, body, { headers })
  const {
    body: [webhook]
  } = await api<Webhook[]>(null, 'GET', `/teams/${team.id}/webhooks`, undefined, { headers })
  expect((await call('PATCH', `/webhooks/${team.webhook}`, { name: 'Renamed', is_active: false })).body).toMatchObject({
    name: 'Renamed',
    is_active: false,
    url: webhook!.url
  })
  expect((await call('PATCH', `/members/${bob.id}`, { role: 'viewer' })).status).toBe(200)
  for (const path of [
    `/webhooks/${team.webhook}`,
    `/invitations/${team.invitation}`,
    `/api-keys/${team.apiKey}`,
    `/members/${bob.id}`,
    '/reply-address'
  ])
    expect((await call('DELETE', path)).status, path).toBe(204)
})
