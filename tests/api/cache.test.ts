import { globSync } from 'node:fs'
import { beforeAll, describe, expect, test } from 'vitest'
import { auth, newTeam, rawRequest } from '../support/api.ts'
import { buildRequest, routes } from '../support/routes.ts'
import { ann, password, unknownId, type TeamWorld } from '../support/world.ts'

interface Tokens {
  access_token: string
  refresh_token: string
}

/** One URL for each page of app/pages. */
const pages = globSync('app/pages/**/*.vue').map(
  file =>
    file
      .slice('app/pages'.length, -'.vue'.length)
      .replace(/\/index$/, '')
      .replace('[team]', 'acme')
      .replace('[id]', unknownId)
      .replace('[...rest]', 'no/such/page')
      .replace(/\[\w*(?:number|ticket)\w*\]/i, '1')
      .replace(/\[(?:category|article)\]/, 'none')
      .replace(/\[token\]/, 'x'.repeat(43)) || '/'
)

/** Suffixes with which a cache that decides by extension takes a page for a static file (web cache deception). */
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

const privateImmutable = /^(?:private, max-age=\d+, immutable)$/

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

const pageHeaders = (): Record<string, string>[] => [
  { cookie },
  {},
  { authorization: `Bearer ${tokens.access_token}` },
  { cookie, 'if-none-match': '*', 'if-modified-since': new Date(Date.now() + 60_000).toUTCString() }
]
// A member twice, an anonymous caller, and two callers with invalid credentials.
const routeHeaders = (): Record<string, string>[] => [
  { cookie },
  { authorization: `Bearer ${tokens.access_token}` },
  {},
  { authorization: 'Bearer none' },
  { 'x-api-key': 'none' }
]

function expectPrivate(answer: Awaited<ReturnType<typeof rawRequest>>, request: string): void {
  expect(answer.headers['cache-control'], `${request}: ${answer.status}`).toBe('no-store')
  for (const secret of secrets) expect(answer.text.includes(secret), `${request} contains ${secret}`).toBe(false)
}

describe('pages are not cached and contain no session token', () => {
  test('every page of app/pages has a URL in this test', () => {
    expect(pages.length).toBeGreaterThan(20)
    for (const page of pages) expect(page).not.toMatch(/[[\]]/)
  })

  test.each([...pages, '/no-such-page', '/.well-known/none', '/__nuxt_error', '/__nuxt_island/none', '/_nuxt/none.js', '/_payload.json'])(
    'the page %s answers no-store and contains no session token',
    async page => {
      for (const [index, disguise] of disguises.entries()) {
        const path = `${page === '/' ? '' : page}${disguise}` || '/'
        const [signedIn, ...others] = pageHeaders()
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

describe('answers of the API are not cached', () => {
  const exceptions: Record<string, RegExp> = {
    'GET /openapi.json': /^public, max-age=300/, // public: the same for everybody
    'GET /avatars/[userId]': privateImmutable
  }

  test.each(routes.map(right => [right.route, right] as const))(
    '%s answers no-store without a session token, or with its documented cache policy',
    async (route, right) => {
      const { method, path } = buildRequest(right, team)
      for (const headers of routeHeaders()) {
        for (const verb of new Set(method === 'GET' ? ['GET', 'HEAD'] : [method])) {
          // Writes are sent without a body: they are refused, or they change only the team of this file.
          const answer = await rawRequest(verb, `/api${path}`, { accept: 'application/json', ...headers })
          const expected = exceptions[route]
          if (expected && answer.status < 400) expect(answer.headers['cache-control'], route).toMatch(expected)
          else expectPrivate(answer, `${verb} ${path}`)
          if (expected === privateImmutable && answer.status < 400) expect(answer.headers.vary).toMatch(/cookie.*authorization/i)
        }
      }
    }
  )

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
  ])('%s answers no-store to every method', async path => {
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'DELETE'])
      expectPrivate(await rawRequest(method, path, { cookie }), `${method} ${path}`)
  })
})

describe('the session cookie', () => {
  test('a page renews the session cookie for 30 days, the maximum lifetime of a session, and answers no-store', async () => {
    const fresh = (await auth<Tokens>('/token?grant_type=password', { email: ann.email, password })).body
    const stale = { ...fresh, expires_at: Math.floor(Date.now() / 1000) - 60, expires_in: 0 }
    const value = `base64-${Buffer.from(JSON.stringify(stale)).toString('base64url')}`.match(/.{1,3180}/g)!
    const sent = value.map((chunk, index) => `sb-switchboard-auth${value.length > 1 ? `.${index}` : ''}=${chunk}`).join('; ')
    const answer = await rawRequest('GET', `/rate/${'x'.repeat(43)}`, { accept: 'text/html', cookie: sent })
    expect(answer.headers['cache-control']).toMatch(/\bno-store\b/) // @supabase/ssr adds more directives when it writes a session
    const renewed = (answer.headers['set-cookie'] as string[]).filter(
      line => line.startsWith('sb-switchboard-auth') && !/Max-Age=0/.test(line)
    )
    expect(renewed.length).toBeGreaterThan(0)
    for (const line of renewed) expect(line).toMatch(/Max-Age=2592000;.*SameSite=Lax/)
    expect(answer.text).not.toContain(fresh.refresh_token)
  })
})

describe('public files', () => {
  test('a script under /_nuxt is cached as immutable', async () => {
    const { text } = await rawRequest('GET', '/sign-in', { accept: 'text/html' })
    const file = /\/_nuxt\/[\w-]+\.js/.exec(text)![0]
    expect((await rawRequest('GET', file, { cookie })).headers['cache-control']).toMatch(/^public, max-age=\d+, immutable$/)
  })

  test.each(['/favicon.ico', '/icon.svg'])('%s may be cached', async path => {
    const { status, headers } = await rawRequest('GET', path, { cookie })
    expect(status).toBe(200)
    expect(headers['cache-control'] ?? '').not.toContain('no-store')
  })

  test.each(['/sw.js', '/manifest.webmanifest'])('%s is revalidated on every request', async path => {
    expect((await rawRequest('GET', path, { cookie })).headers['cache-control']).toBe('no-cache')
  })
})
