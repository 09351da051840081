import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { api, database, expectError, newTeam, rawRequest, signIn } from '../support/api.ts'
import { product } from '../support/own-product.ts'
import { acme, ann } from '../support/world.ts'

const page = (path: string, headers: Record<string, string> = {}) => fetch(`${product().baseUrl}${path}`, { headers, redirect: 'manual' })

describe('health', () => {
  test.each(['/healthz', '/readyz'])('%s answers ok to anybody', async path => {
    const response = await page(path)
    expect(response.status).toBe(200)
    expect(await response.json()).toEqual({ status: 'ok' })
  })

  test('/readyz queries the database once for all requests within a second', async () => {
    await sleep(1_100)
    const waiting = async () =>
      (
        await database()<
          [{ count: number }]
        >`select count(*)::int as count from pg_stat_activity where application_name = 'switchboard: readiness' and wait_event_type = 'Lock'`
      )[0].count
    const asked = await database().begin(async sql => {
      await sql`lock table tickets in access exclusive mode`
      const asked = Array.from({ length: 50 }, () => page('/readyz'))
      await expect.poll(waiting).toBe(1)
      await sleep(300)
      expect(await waiting()).toBe(1)
      expect((await page('/healthz')).status).toBe(200)
      return { asked }
    })
    expect(new Set((await Promise.all(asked.asked)).map(({ status }) => status))).toEqual(new Set([200]))
  })
})

describe('URLs', () => {
  test.each(['/api/nothing', '/api/teams/x/y/z', '/api/profile/avatar/x.css', '/api/_nuxt_icon_', '/api/teams.json'])(
    '%s answers 404 in the shape of every error',
    async path => {
      const response = await page(path)
      expectError({ status: response.status, body: await response.json(), headers: response.headers }, 404, 'not_found')
    }
  )

  test('/api answers JSON even to a client that accepts HTML only', async () => {
    const response = await page('/api/nothing', { accept: 'text/html,application/xhtml+xml' })
    expectError({ status: response.status, body: await response.json(), headers: response.headers }, 404)
  })

  test.each([
    ['DELETE', '/profile', 'GET, PATCH'],
    ['PUT', '/teams', 'GET, POST'],
    ['POST', '/profile/avatar', 'DELETE, PUT'],
    ['GET', `/teams/${acme.id}/tickets/${acme.tickets.bobs}/claim`, 'DELETE, PUT'],
    ['PATCH', `/teams/${acme.id}/tickets`, 'GET, POST'],
    ['PUT', `/teams/${acme.id}/tickets/${acme.tickets.bobs}`, 'DELETE, GET, PATCH'],
    ['PATCH', `/teams/${acme.id}/tickets/${acme.tickets.bobs}/replies/${acme.replies.bobs}`, 'DELETE']
  ])('%s %s answers 405 and lists the allowed methods', async (method, path, allowed) => {
    const answer = await api(ann, method, path, method === 'GET' ? undefined : {})
    expectError(answer, 405, 'method_not_allowed')
    expect(answer.headers.get('allow')?.split(', ').sort().join(', ')).toBe(allowed)
  })

  test.each(['TRACE', 'PROPFIND', 'OPTIONS', 'HEAD', 'SEARCH'])('the method %s is refused on every URL', async method => {
    const team = await newTeam()
    const headers = { authorization: `Bearer ${await signIn(ann)}` }
    for (const path of ['/api/teams', `/api/teams/${team.id}`, `/api/teams/${team.id}/tickets`, '/api/nothing']) {
      const { status, text } = await rawRequest(method, path, headers)
      expect(status, `${method} ${path}`).toBeGreaterThanOrEqual(400)
      expect(status, `${method} ${path}`).toBeLessThan(500)
      expect(text).not.toContain(headers.authorization) // a TRACE would echo the request
    }
  })

  // Spellings of a path that a server, a proxy or a guard might read differently.
  const variants = [
    '//api/teams/{team}',
    '/api//teams/{team}',
    '/api/./teams/{team}',
    '/x/../api/teams/{team}',
    '/api/teams/{team}/',
    '/api/teams/{team}/.',
    '/%61pi/teams/{team}',
    '/api/teams/{team}%2f',
    '/api/teams/{team};x=1',
    '/api/teams/{team}%00',
    '/api/teams/{team}%20',
    '/API/TEAMS/{team}',
    '/api/teams/..%2fteams/{team}',
    '/api/teams/..;/teams/{team}',
    '/api\\teams\\{team}',
    '/api/teams/{team}/tickets/..',
    '/api/teams/{team}.json',
    '/api/teams/%ff',
    '/api/teams/%',
    '/api/teams/%u0000'
  ]
  test.each(variants)('the path %s answers neither team data nor a server error without an identity', async variant => {
    const { status, text } = await rawRequest('GET', variant.replace('{team}', acme.id))
    expect(status).toBeLessThan(500)
    expect(text).not.toContain('"slug":"acme"')
    const deletion = await rawRequest('DELETE', variant.replace('{team}', acme.id))
    expect(deletion.status).toBeGreaterThanOrEqual(300)
    expect(deletion.status).toBeLessThan(500)
    expect((await api(ann, 'GET', `/teams/${acme.id}`)).status).toBe(200)
  })
})

describe('response headers', () => {
  test.each(['/sign-in', '/tickets', '/settings/profile', '/nothing'])(
    'the page %s sends a strict content security policy with a nonce',
    async path => {
      const response = await page(path, { accept: 'text/html' })
      const policy = response.headers.get('content-security-policy') ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).toMatch(/script-src 'nonce-[\w+/=-]{16,}' 'strict-dynamic'/)
      for (const directive of [
        "frame-ancestors 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "script-src-attr 'none'"
      ])
        expect(policy).toContain(directive)
      expect(policy).not.toContain('unsafe-eval')
      expect(policy).not.toMatch(/script-src [^;]*(unsafe-inline|https:|\*)/)
      const { supabaseUrl } = product()
      expect(policy).toContain(`connect-src 'self' ${supabaseUrl} ${supabaseUrl.replace('http', 'ws')}`)
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('referrer-policy')).toMatch(/^(no-referrer|strict-origin-when-cross-origin|same-origin)$/)
      expect(response.headers.get('x-powered-by')).toBeNull()
      expect(response.headers.get('server')).toBeNull()
      const html = await response.text()
      const nonce = /'nonce-([^']+)'/.exec(policy)![1]!
      for (const [tag] of html.matchAll(/<script[^>]*>/g)) expect(tag).toContain(`nonce="${nonce}"`)
    }
  )

  test.each(['/sign-in', '/tickets', '/nothing'])(
    'the page %s sends exactly the expected directives, framing headers and permissions policy',
    async path => {
      const { headers } = await page(path, { accept: 'text/html' })
      const directives = (headers.get('content-security-policy') ?? '')
        .split(';')
        .map(directive => directive.trim())
        .filter(Boolean)
        .map(directive => [directive.split(' ')[0]!, directive.split(' ').slice(1).join(' ')] as const)
      const { supabaseUrl } = product()
      expect(Object.fromEntries(directives)).toEqual({
        'default-src': "'none'",
        'base-uri': "'none'",
        'object-src': "'none'",
        'frame-ancestors': "'none'",
        'form-action': "'self'",
        'manifest-src': "'self'",
        'worker-src': "'self'",
        'script-src': expect.stringMatching(/^'nonce-[\w+/=-]{16,}' 'strict-dynamic'$/) as string,
        'script-src-attr': "'none'",
        'style-src': "'self' 'unsafe-inline'",
        'font-src': "'self'",
        'img-src': "'self' data: blob:",
        'connect-src': `'self' ${supabaseUrl} ${supabaseUrl.replace('http', 'ws')}`
      })
      expect(headers.get('x-frame-options')).toBe('DENY')
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
      const permissions = (headers.get('permissions-policy') ?? '').split(',').map(permission => permission.trim())
      expect(permissions.sort()).toEqual(['camera=()', 'display-capture=()', 'fullscreen=()', 'geolocation=()', 'microphone=()'])
    }
  )

  test('every page has a new nonce', async () => {
    const nonces = await Promise.all(
      Array.from(
        { length: 5 },
        async () => /'nonce-([^']+)'/.exec((await page('/sign-in')).headers.get('content-security-policy') ?? '')?.[1]
      )
    )
    expect(new Set(nonces).size).toBe(5)
  })

  test('pages contain no secret of the server', async () => {
    const { secretKey, jwtSecret, databaseUrl } = product()
    for (const path of ['/sign-in', '/tickets', '/nothing']) {
      const html = await (await page(path)).text()
      for (const secret of [secretKey, jwtSecret, databaseUrl, new URL(databaseUrl).password, 'smtp://']) expect(html).not.toContain(secret)
    }
  })

  test('a JSON answer may not be stored, sniffed, framed or read by another origin', async () => {
    for (const [caller, path] of [
      [ann, '/profile'],
      [ann, '/teams'],
      [ann, `/teams/${acme.id}/tickets`],
      [null, '/profile'],
      [ann, '/nothing']
    ] as const) {
      const { headers } = await api(caller, 'GET', path)
      expect(headers.get('content-type')).toMatch(/^application\/json/)
      expect(headers.get('cache-control'), path).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
      expect(headers.get('x-powered-by')).toBeNull()
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test.each([
    '/.env',
    '/.git/config',
    '/package.json',
    '/nuxt.config.ts',
    '/_nuxt/../../package.json',
    '/..%2fpackage.json',
    '/%2e%2e/package.json',
    '/.data/supabase.env',
    '/server/index.mjs',
    '/_nuxt/..%2f..%2fserver/index.mjs',
    '/__nuxt_error',
    '/_payload.json',
    '/metrics'
  ])('%s serves no file of the server', async path => {
    const { status, text } = await rawRequest('GET', path)
    expect(status).toBeLessThan(500)
    expect(text).not.toMatch(/"dependencies"|SUPABASE_|defineNuxtConfig|\[core\]/)
  })

  test('a forged Host header does not appear in the answer', async () => {
    const { text, headers } = await rawRequest('GET', '/api/nothing', { 'host': 'evil.test', 'x-forwarded-host': 'evil.test' })
    expect(text).not.toContain('evil.test')
    expect(JSON.stringify(headers)).not.toContain('evil.test')
  })
})
