import { createHmac, randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, test } from 'vitest'
import type { Profile, Team } from '#shared/types/api'
import { api, auth, database, expectError, newTeam, rawRequest, signIn } from '../support/api.ts'
import { newAddress, readConfirmationToken } from '../support/mail.ts'
import { product } from '../support/own-product.ts'
import { buildRequest, routes } from '../support/routes.ts'
import { acme, ann, bob, initech, unknownId, password, sessionIdOf } from '../support/world.ts'

const secret = () => new TextEncoder().encode(product().jwtSecret)
const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } })
const claims = { sub: ann.id, session_id: sessionIdOf(ann), role: 'authenticated', email: ann.email }

function token(
  payload: Record<string, unknown> = {},
  {
    key = secret(),
    algorithm = 'HS256',
    audience = 'authenticated',
    expires = '1h'
  }: { key?: Uint8Array; algorithm?: string; audience?: string; expires?: string | number | Date } = {}
) {
  return new SignJWT({ ...claims, ...payload })
    .setProtectedHeader({ alg: algorithm, typ: 'JWT' })
    .setIssuedAt()
    .setAudience(audience)
    .setExpirationTime(expires)
    .sign(key)
}

/** Inserts a session of a person, as a sign-in does. */
async function createSession(userId: string): Promise<string> {
  const [{ id }] = await database()<
    [{ id: string }]
  >`insert into auth.sessions (id, user_id) values (gen_random_uuid(), ${userId}) returning id`
  return id
}

describe('every route', () => {
  test.each(routes.map(right => [right.route, right] as const))(
    '%s answers 401 without an identity, before any other check',
    async (route, right) => {
      const { method, path } = buildRequest(right, acme)
      const answer = await api(null, method, path, right.body?.(acme))
      if (route === 'GET /openapi.json' || route.startsWith('GET /public/')) {
        expect(answer.status).toBe(200) // for everybody
        return
      }
      if (route.endsWith('/[token]')) {
        expectError(answer, 404) // the token in the path is the permission
        return
      }
      expectError(answer, 401, 'signed_out')
      expectError(
        await api(null, method, path.replaceAll(acme.id, unknownId), method === 'GET' ? undefined : { unknown: true }),
        401,
        'signed_out'
      )
    }
  )

  test.each(routes.filter(({ route }) => route.includes('[teamId]')).map(right => [right.route, right] as const))(
    '%s answers the same 404 for another team as for an unknown team',
    async (_, right) => {
      const { method, path } = buildRequest(right, { ...acme, id: initech.id })
      const foreign = await api(ann, method, path, right.body?.(acme))
      const missing = await api(ann, method, path.replace(initech.id, unknownId), right.body?.(acme))
      expectError(foreign, 404, 'not_found')
      expect(foreign.body).toEqual(missing.body)
    }
  )
})

describe('access tokens', () => {
  test('a token signed with the secret of the project authenticates its person', async () => {
    expect((await api<Profile>(null, 'GET', '/profile', undefined, bearer(await token()))).body.id).toBe(ann.id)
  })

  const refusedTokens: [string, () => Promise<string> | string][] = [
    ['without a signature (alg none)', () => new UnsecuredJWT(claims).setAudience('authenticated').setExpirationTime('1h').encode()],
    ['with the signature cut off', async () => (await token()).replace(/[^.]+$/, '')],
    ['with another secret', () => token({}, { key: new TextEncoder().encode('x'.repeat(32)) })],
    [
      'with an empty secret',
      async () => {
        const [header, payload] = (await token()).split('.') as [string, string]
        return `${header}.${payload}.${createHmac('sha256', '').update(`${header}.${payload}`).digest('base64url')}`
      }
    ],
    [
      'with a payload changed after signing',
      async () => {
        const [header, , signature] = (await token()).split('.')
        return [
          header,
          Buffer.from(JSON.stringify({ ...claims, sub: bob.id, aud: 'authenticated', exp: 4_000_000_000 })).toString('base64url'),
          signature
        ].join('.')
      }
    ],
    ['signed with HS512', () => token({}, { algorithm: 'HS512', key: secret() })],
    ['that has expired', () => token({}, { expires: Math.floor(Date.now() / 1000) - 60 })],
    ['that is not valid yet', () => token({ nbf: Math.floor(Date.now() / 1000) + 3600 })],
    ['without an expiry', () => new SignJWT(claims).setProtectedHeader({ alg: 'HS256' }).setAudience('authenticated').sign(secret())],
    ['for another audience', () => token({}, { audience: 'anon' })],
    ['of role service_role', () => token({ role: 'service_role' })],
    ['of role anon', () => token({ role: 'anon' })],
    ['of role postgres', () => token({ role: 'postgres' })],
    ['whose subject is not an id', () => token({ sub: 'ann' })],
    ['whose subject is SQL', () => token({ sub: "' or 1=1 --" })],
    ['without a subject', () => token({ sub: undefined })],
    ['that is the publishable key', () => product().publishableKey],
    ['that is the secret key', () => product().secretKey],
    ['that is not a JWT', () => 'abc.def.ghi'],
    ['that is empty JSON', () => 'e30.e30.e30'],
    ['of 100 kB', () => 'x'.repeat(100_000)]
  ]
  test.each(refusedTokens)('a token %s is refused', async (_, make) => {
    const answer = await api(null, 'GET', '/profile', undefined, bearer(await make()))
    // Node itself refuses headers of more than 16 kB.
    if (answer.status !== 431) expectError(answer, 401, 'signed_out')
  })

  test('a token of a deleted account is refused by every route', async () => {
    const [id, email] = [randomUUID(), newAddress('gone')]
    await database()`insert into auth.users (id, email, email_confirmed_at) values (${id}, ${email}, now())`
    const deleted = bearer(await token({ sub: id, session_id: await createSession(id), email }))
    expect((await api(null, 'GET', '/profile', undefined, deleted)).status).toBe(200)
    await database()`delete from auth.users where id = ${id}`
    for (const path of ['/profile', '/teams', `/teams/${acme.id}/tickets`])
      expectError(await api(null, 'GET', path, undefined, deleted), 401, 'session_ended')
    const teams = await database()`select count(*)::int from public.teams`
    expectError(await api(null, 'POST', '/teams', { name: 'Ghosts' }, deleted), /^4\d\d$/)
    expect(await database()`select count(*)::int from public.teams`).toEqual(teams)
  })

  test('claims about a team, a role or an address in a token are ignored', async () => {
    const forged = bearer(
      await token({
        sub: bob.id,
        session_id: sessionIdOf(bob),
        team_id: initech.id,
        team_role: 'owner',
        app_metadata: { role: 'owner' },
        email: ann.email
      })
    )
    expect((await api<Profile>(null, 'GET', '/profile', undefined, forged)).body.email).toBe(bob.email)
    expectError(await api(null, 'DELETE', `/teams/${acme.id}`, undefined, forged), 403)
    expectError(await api(null, 'GET', `/teams/${initech.id}`, undefined, forged), 404)
  })

  test.each([
    'remote-user',
    'x-remote-user',
    'x-forwarded-user',
    'x-user-id',
    'x-auth-request-email',
    'x-api-key',
    'x-original-url',
    'x-rewrite-url',
    'apikey'
  ])('the header %s authenticates nobody', async header => {
    expectError(await api(null, 'GET', '/profile', undefined, { headers: { [header]: header.includes('url') ? '/healthz' : ann.id } }), 401)
  })

  test('a method override in a header is ignored, and one in the query is refused', async () => {
    const team = await newTeam()
    expect((await api(ann, 'GET', `/teams/${team.id}`, undefined, { headers: { 'x-http-method-override': 'DELETE' } })).status).toBe(200)
    expectError(await api(ann, 'GET', `/teams/${team.id}?_method=DELETE`), 400, 'invalid')
    expect((await api(ann, 'GET', `/teams/${team.id}`)).status).toBe(200)
  })

  test('an access token in the query string is ignored', async () => {
    expectError(await api(null, 'GET', `/profile?access_token=${await token()}`), 401)
  })
})

describe('the session cookie', () => {
  const name = 'sb-switchboard-auth'
  const session = async () => JSON.stringify({ access_token: await signIn(ann), refresh_token: 'x', token_type: 'bearer' })
  const encoded = async () => `base64-${Buffer.from(await session()).toString('base64url')}`

  test('the session cookie is read as one cookie and in chunks', async () => {
    const value = await encoded()
    const half = Math.ceil(value.length / 2)
    for (const cookie of [
      `${name}=${value}`,
      `${name}.0=${value.slice(0, half)}; ${name}.1=${value.slice(half)}`,
      `other=1; ${name}=${value}`
    ]) {
      expect((await api(null, 'GET', '/profile', undefined, { headers: { cookie } })).status).toBe(200)
    }
  })

  test('a malformed session cookie answers 401', async () => {
    const value = await encoded()
    const cookies = [
      `${name}=`,
      `${name}=base64-`,
      `${name}=base64-!!!`,
      `${name}=base64-bnVsbA`,
      `${name}=null`,
      `${name}=%7B%7D`,
      `${name}=${value.slice(0, -20)}`,
      `${name}.1=${value}`,
      `${name}.99999=${value}`,
      `__proto__=1; ${name}=[]`,
      `${name}=base64-${Buffer.from('{"access_token":{"toString":1}}').toString('base64url')}`
    ]
    for (const cookie of cookies) expectError(await api(null, 'GET', '/profile', undefined, { headers: { cookie } }), 401)
  })

  const foreignOrigins: [string, Record<string, string>][] = [
    ['another origin', { origin: 'https://evil.test' }],
    ['the origin null', { origin: 'null' }],
    ['an origin that begins like ours', { origin: 'http://127.0.0.1.evil.test' }],
    ['another port', { origin: 'http://127.0.0.1:1' }],
    ['sec-fetch-site: cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['sec-fetch-site: same-site', { 'sec-fetch-site': 'same-site' }],
    ['sec-fetch-site: cross-site with our origin', { 'sec-fetch-site': 'cross-site', 'origin': 'ours' }]
  ]
  test.each(foreignOrigins)('a write with the session cookie is refused from %s', async (_, headers) => {
    const before = await api<Team[]>(ann, 'GET', '/teams')
    const ours = { ...headers, ...(headers.origin === 'ours' && { origin: product().baseUrl }) }
    const answer = await api(null, 'POST', '/teams', { name: 'Forged' }, { headers: { cookie: `${name}=${await encoded()}`, ...ours } })
    expectError(answer, 403, 'foreign_origin')
    expect((await api<Team[]>(ann, 'GET', '/teams')).body).toEqual(before.body)
  })

  test.each([
    ['our own origin', () => ({ origin: product().baseUrl })],
    ['sec-fetch-site: same-origin', () => ({ 'sec-fetch-site': 'same-origin' })],
    ['a client that sends neither header', () => ({})]
  ] as const)('a write with the session cookie is accepted from %s', async (_, headers) => {
    const answer = await api(null, 'PATCH', '/profile', {}, { headers: { cookie: `${name}=${await encoded()}`, ...headers() } })
    expect(answer.status, JSON.stringify(answer.body)).toBe(200)
  })

  test('no answer allows another origin to read it', async () => {
    for (const origin of ['https://evil.test', 'null', 'http://127.0.0.1.evil.test']) {
      const { headers } = await api(null, 'GET', '/profile', undefined, { headers: { origin, cookie: `${name}=${await encoded()}` } })
      expect(headers.get('access-control-allow-origin')).toBeNull()
      expect(headers.get('access-control-allow-credentials')).toBeNull()
      const preflight = await rawRequest('OPTIONS', '/api/teams', {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type'
      })
      expect(preflight.headers['access-control-allow-origin']).toBeUndefined()
    }
  })
})

describe('sign-up', () => {
  test('a new person confirms by mail, has a profile and no team, and creates a team', async () => {
    const email = newAddress('newcomer')
    expect((await auth('/signup', { email, password, data: { full_name: 'Nina New', role: 'owner', team_id: acme.id } })).status).toBe(200)
    expect((await auth('/token?grant_type=password', { email, password })).status).toBe(400)
    const { status, body } = await auth<{ access_token: string }>('/verify', {
      type: 'signup',
      token_hash: await readConfirmationToken(email)
    })
    expect(status).toBe(200)
    const nina = bearer(body.access_token)
    expect((await api<Profile>(null, 'GET', '/profile', undefined, nina)).body).toMatchObject({
      full_name: 'Nina New',
      email,
      avatar_url: null,
      last_team_id: null
    })
    expect((await api(null, 'GET', '/teams', undefined, nina)).body).toEqual([])
    expectError(await api(null, 'GET', `/teams/${acme.id}`, undefined, nina), 404)
    expect((await api<Team>(null, 'POST', '/teams', { name: 'Nina & Co' }, nina)).body).toMatchObject({ name: 'Nina & Co', role: 'owner' })
    expect((await api<Team[]>(null, 'GET', '/teams', undefined, nina)).body).toMatchObject([{ name: 'Nina & Co' }])
    // The confirmation clears the password of the sign-up: see tests/api/account-proof.test.ts.
    expect((await auth('/token?grant_type=password', { email, password })).status).toBe(400)
  })
})

test('the server log contains no token, password or secret', async () => {
  const invitation = 'secretsecretsecretsecretsecretsecretsecrets'
  await api(ann, 'GET', `/invitations/${invitation}`)
  await api(null, 'GET', '/profile', undefined, bearer('secret.secret.secret'))
  await sleep(100)
  const log = await readFile(product().serverLog, 'utf8')
  const { jwtSecret, secretKey, databaseUrl } = product()
  for (const text of [invitation, await signIn(ann), 'secret.secret', password, jwtSecret, secretKey, new URL(databaseUrl).password])
    expect(log).not.toContain(text)
})
