import { globSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { auth, newTeam, rawRequest } from '../support/api.ts'
import { requestOf, routes } from '../support/routes.ts'
import { ann, password, type TeamWorld } from '../support/world.ts'

interface Tokens {
  access_token: string
  refresh_token: string
}

/** One address of each page of app/pages. */
const pages = globSync('app/pages/**/*.vue').map(
  file =>
    file
      .slice('app/pages'.length, -'.vue'.length)
      .replace(/\/index$/, '')
      .replace('[team]', 'acme')
      .replace(/\[\w*(?:number|ticket)\w*\]/i, '1')
      .replace(/\[token\]/, 'x'.repeat(43)) || '/'
)

/** What makes caches that go by the extension take a page for a file. */
const disguises = [
  '',
  '.css',
  '/a.css',
  '/_payload.json',
  '/',
  '.js',
  '.jpg',
  '?a.css',
  '%2ecss',
  ';a.css',
  '/..%2fa.png',
  '%0a.css',
  '%3Fa.css'
]

const lasting = /^(?:private, max-age=\d+, immutable)$/

let team: TeamWorld
let tokens: Tokens
let cookie: string
let secrets: string[]

beforeAll(async () => {
  team = await newTeam()
  tokens = (await auth<Tokens>('/token?grant_type=password', { email: ann.email, password })).body
  const value = `base64-${Buffer.from(JSON.stringify(tokens)).toString('base64url')}`
  // In chunks, as @supabase/ssr stores it.
  const chunks = value.match(/.{1,3180}/g)!
  cookie =
    chunks.length === 1 ? `sb-switchboard-auth=${value}` : chunks.map((chunk, index) => `sb-switchboard-auth.${index}=${chunk}`).join('; ')
  const [, payload, signature] = tokens.access_token.split('.') as [string, string, string]
  const { session_id } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { session_id: string }
  secrets = [
    tokens.refresh_token,
    signature,
    payload.slice(-40),
    signature.slice(0, 20),
    session_id,
    ...value.slice(0, 3000).match(/.{60}/g)!
  ]
})

const asPages = (): Record<string, string>[] => [
  { cookie },
  {},
  { authorization: `Bearer ${tokens.access_token}` },
  { cookie, 'if-none-match': '*', 'if-modified-since': new Date(Date.now() + 60_000).toUTCString() }
]
// A member, nobody, and what is no session.
const asRoutes = (): Record<string, string>[] => [
  { cookie },
  { authorization: `Bearer ${tokens.access_token}` },
  {},
  { authorization: 'Bearer none' },
  { 'x-api-key': 'none' }
]

function expectPrivate(answer: Awaited<ReturnType<typeof rawRequest>>, what: string): void {
  expect(answer.headers['cache-control'], `${what}: ${answer.status}`).toBe('no-store')
  for (const secret of secrets) expect(answer.text.includes(secret), `${what} says ${secret}`).toBe(false)
}

describe('no cache keeps a page, and no page tells a token', () => {
  test('of every page there is one address here', () => {
    expect(pages.length).toBeGreaterThan(20)
    for (const page of pages) expect(page).not.toMatch(/[[\]]/)
  })

  test.each([...pages, '/no-such-page', '/.well-known/none', '/__nuxt_error', '/__nuxt_island/none', '/_nuxt/none.js', '/_payload.json'])(
    '%s',
    async page => {
      for (const [index, disguise] of disguises.entries()) {
        const path = `${page === '/' ? '' : page}${disguise}` || '/'
        const [signedIn, ...others] = asPages()
        const visits = [
          ['GET', signedIn!] as const,
          ...(index < 4 ? [['HEAD', signedIn!] as const, ...others.map(headers => ['GET', headers] as const)] : [])
        ]
        for (const [method, headers] of visits)
          expectPrivate(
            await rawRequest(method, path.startsWith('/') ? path : `/${path}`, { accept: 'text/html', ...headers }),
            `${method} ${path}`
          )
      }
    }
  )
})

describe('no cache keeps an answer of a route', () => {
  const exceptions: Record<string, RegExp> = {
    'GET /openapi.json': /^public, max-age=300/, // the same for everybody
    'GET /avatars/[userId]': lasting
  }

  test.each(routes.map(right => [right.route, right] as const))('%s', async (route, right) => {
    const { method, path } = requestOf(right, team)
    for (const headers of asRoutes()) {
      for (const verb of new Set(method === 'GET' ? ['GET', 'HEAD'] : [method])) {
        // What would change something has no body: it is refused, or touches what is the team's of this file.
        const answer = await rawRequest(verb, `/api${path}`, { accept: 'application/json', ...headers })
        const expected = exceptions[route]
        if (expected && answer.status < 400) expect(answer.headers['cache-control'], route).toMatch(expected)
        else expectPrivate(answer, `${verb} ${path}`)
        if (expected === lasting && answer.status < 400) expect(answer.headers.vary).toMatch(/cookie.*authorization/i)
      }
    }
  })

  test.each([
    '/api/none',
    '/api/v1/none',
    '/api/docs.css',
    '/api',
    '/api/',
    '/healthz',
    '/readyz',
    '/api/teams/x.css',
    '/api/profile/a.css',
    '/api/profile.css',
    '/api/v1/tickets'
  ])('%s', async path => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE'])
      expectPrivate(await rawRequest(method, path, { cookie }), `${method} ${path}`)
  })
})

describe('the session cookie', () => {
  test('is renewed by a page for 30 days, as long as a session may last, and no cache keeps the answer', async () => {
    const fresh = (await auth<Tokens>('/token?grant_type=password', { email: ann.email, password })).body
    const stale = { ...fresh, expires_at: Math.floor(Date.now() / 1000) - 60, expires_in: 0 }
    const value = `base64-${Buffer.from(JSON.stringify(stale)).toString('base64url')}`.match(/.{1,3180}/g)!
    const sent = value.map((chunk, index) => `sb-switchboard-auth${value.length > 1 ? `.${index}` : ''}=${chunk}`).join('; ')
    const answer = await rawRequest('GET', `/rate/${'x'.repeat(43)}`, { accept: 'text/html', cookie: sent })
    expect(answer.headers['cache-control']).toMatch(/\bno-store\b/) // @supabase/ssr says more where it writes a session
    const renewed = (answer.headers['set-cookie'] as string[]).filter(
      line => line.startsWith('sb-switchboard-auth') && !/Max-Age=0/.test(line)
    )
    expect(renewed.length).toBeGreaterThan(0)
    for (const line of renewed) expect(line).toMatch(/Max-Age=2592000;.*SameSite=Lax/)
    expect(answer.text).not.toContain(fresh.refresh_token)
  })
})

describe("what is everybody's", () => {
  test('is kept: the code under its name for ever', async () => {
    const { text } = await rawRequest('GET', '/sign-in', { accept: 'text/html' })
    const file = /\/_nuxt\/[\w-]+\.js/.exec(text)![0]
    expect((await rawRequest('GET', file, { cookie })).headers['cache-control']).toMatch(/^public, max-age=\d+, immutable$/)
  })

  test.each(['/favicon.ico', '/icon.svg'])('%s may be kept', async path => {
    const { status, headers } = await rawRequest('GET', path, { cookie })
    expect(status).toBe(200)
    expect(headers['cache-control'] ?? '').not.toContain('no-store')
  })

  test.each(['/sw.js', '/manifest.webmanifest'])('%s is asked for again', async path => {
    expect((await rawRequest('GET', path, { cookie })).headers['cache-control']).toBe('no-cache')
  })
})
