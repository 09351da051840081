import { afterEach, describe, expect, test, vi } from 'vitest'
import { isBlockedPort, pickOtherPort } from '../../../scripts/serve/ports.ts'
import { readSettings, serverEnvironment, type Settings } from '../../../scripts/serve/settings.ts'

afterEach(() => vi.unstubAllEnvs())

/** The error message of readSettings; undefined when the settings are valid. */
function refusal(settings: Record<string, string>): string | undefined {
  for (const [name, value] of Object.entries({
    SUPABASE_URL: '',
    SITE_URL: '',
    PORT: '',
    SUPABASE_PORT: '',
    POSTGRES_PORT: '',
    AUTH_RATE_LIMIT_FACTOR: '',
    WEBHOOK_RETRY_SCALE: '',
    ...settings
  }))
    vi.stubEnv(name, value)
  try {
    readSettings([])
  } catch (error) {
    return (error as Error).message
  }
}

describe('ports of the settings', () => {
  test('fetch() refuses every port that isBlockedPort knows', async () => {
    for (let port = 1; port <= 65_535; port++) {
      if (!isBlockedPort(port)) continue
      await expect(fetch(`http://127.0.0.1:${port}`), String(port)).rejects.toMatchObject({ cause: { message: 'bad port' } })
    }
  })

  test.each(['PORT', 'SUPABASE_PORT', 'POSTGRES_PORT'])('%s must be a valid port that browsers can call', name => {
    for (const port of ['4190', '6000', '6666', '10080', '22', '1'])
      expect(refusal({ [name]: port })).toMatch(new RegExp(`^${name} cannot be ${port}: browsers and fetch\\(\\) block this port`))
    for (const port of ['0', '65536', '3000.5', '-1', 'x', '0x10', '1e3'])
      expect(refusal({ [name]: port })).toBe(`${name} must be a port number between 1 and 65535, not "${port}".`)
    expect(refusal({ [name]: '4191' })).toBeUndefined()
  })

  test('PORT, SUPABASE_PORT and POSTGRES_PORT must differ', () => {
    expect(refusal({ PORT: '4000', SUPABASE_PORT: '4000' })).toBe('PORT and SUPABASE_PORT are both 4000: each needs its own port.')
    expect(refusal({ PORT: '54322' })).toBe('PORT and POSTGRES_PORT are both 54322: each needs its own port.')
  })

  test('pickOtherPort never proposes a blocked port', () => {
    const wrong = Array.from({ length: 65_535 }, (_, index) => index + 1).filter(
      port => isBlockedPort(pickOtherPort(port)) || pickOtherPort(port) > 65_535
    )
    expect(wrong).toEqual([])
  })
})

describe('URLs of the settings', () => {
  test('SITE_URL and SUPABASE_URL must be valid, with a port that browsers can call', () => {
    expect(refusal({ SITE_URL: 'http://desk.test:6667' })).toMatch(/^SITE_URL cannot use port 6667/)
    expect(
      refusal({ SUPABASE_URL: 'http://desk.test:5060', SUPABASE_KEY: 'x', SUPABASE_SECRET_KEY: 'x', DATABASE_URL: 'postgresql://x' })
    ).toMatch(/^SUPABASE_URL cannot use port 5060/)
    for (const address of ['desk.test', 'ftp://desk.test', '/']) expect(refusal({ SITE_URL: address })).toMatch(/^SITE_URL is not a URL/)
    expect(refusal({ SITE_URL: 'https://desk.test' })).toBeUndefined()
  })
})

test('factors in the settings must be numbers above 0', () => {
  for (const value of ['much', '0', '-1', 'Infinity'])
    expect(refusal({ WEBHOOK_RETRY_SCALE: value })).toBe(`WEBHOOK_RETRY_SCALE must be a number above 0, not "${value}".`)
  expect(refusal({ AUTH_RATE_LIMIT_FACTOR: '2.5' })).toBeUndefined()
})

const env = {
  SUPABASE_URL: 'http://127.0.0.1:54321',
  SUPABASE_KEY: 'key',
  SUPABASE_SECRET_KEY: 'secret',
  SUPABASE_JWT_SECRET: '',
  DATABASE_URL: 'postgres://127.0.0.1/',
  SMTP_URL: '',
  MAIL_FROM: ''
}
const secureAt = (siteUrl: string) => serverEnvironment({ siteUrl, port: 3000 } as Settings, env).NUXT_PUBLIC_SUPABASE_COOKIE_OPTIONS_SECURE

test('the session cookie is Secure when SITE_URL is https', () => {
  expect(secureAt('https://help.acme.test')).toBe('true')
  expect(secureAt('http://localhost:3000')).toBe('false')
})

test('NUXT_PUBLIC_SUPABASE_COOKIE_OPTIONS_SECURE overrides the default of the session cookie', () => {
  vi.stubEnv('NUXT_PUBLIC_SUPABASE_COOKIE_OPTIONS_SECURE', 'true')
  expect(secureAt('http://localhost:3000')).toBe('true')
})

describe('TRUSTED_PROXIES', () => {
  test('TRUSTED_PROXIES accepts addresses and networks, and refuses anything else', () => {
    for (const TRUSTED_PROXIES of ['', '127.0.0.1', '10.0.0.0/8, fd00::/8', 'loopback'])
      expect(refusal({ TRUSTED_PROXIES })).toBeUndefined()
    for (const TRUSTED_PROXIES of ['proxy.lan', '10.0.0.0/33', '1.2.3.4.5'])
      expect(refusal({ TRUSTED_PROXIES }), TRUSTED_PROXIES).toMatch(
        /^TRUSTED_PROXIES must be a comma-separated list of addresses and networks/
      )
  })
})
