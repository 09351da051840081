import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { trustedProxies } from '../../network/address.ts'
import type { StackEnv } from '../../supabase/embedded/stack.ts'
import { projectRoot } from '../../supabase/embedded/cli.ts'
import { isBlockedPort, pickOtherPort } from './ports.ts'
import { SettingsError } from './settings-error.ts'

export type Mode = 'start' | 'demo' | 'dev'

export type Settings = {
  mode: Mode
  host: string
  port: number
  supabasePort: number
  postgresPort: number
  dataDir: string
  siteUrl: string
  smtpUrl: string
  mailFrom: string
  demoPassword: string
  rateLimitFactor: number
  trustedProxies: string
  /** Empty: no virus scanner. */
  clamavHost: string
  clamavPort: number
  /** Directory of the files of the embedded storage; empty for one in `dataDir`. */
  uploadsDir: string
  webhookAllowPrivate: string
  webhookRetryScale: number
  /** Set when SUPABASE_URL is set: the product uses that Supabase, and no embedded one is started. */
  hosted: StackEnv | null
}

export { SettingsError }

/** Reads the command line, the environment and .env, which the environment overrides. See .env.example for the names. */
export function readSettings(args: string[]): Settings {
  const envFile = join(projectRoot, '.env')
  if (existsSync(envFile)) process.loadEnvFile(envFile)
  const port = readPort('PORT', 3000)
  const siteUrl = process.env.SITE_URL || `http://localhost:${port}`
  requireUrl('SITE_URL', siteUrl)
  const mode = args.includes('--demo') ? 'demo' : args.includes('--dev') ? 'dev' : 'start'
  const hosted = hostedEnvironment()
  if (hosted && mode === 'demo') throw new SettingsError('The demo needs the embedded database: unset SUPABASE_URL.')
  const ports = { PORT: port, SUPABASE_PORT: readPort('SUPABASE_PORT', 54321), POSTGRES_PORT: readPort('POSTGRES_PORT', 54322) }
  if (!hosted) requireDifferent(ports)
  return {
    mode,
    host: process.env.HOST || '127.0.0.1',
    port,
    supabasePort: ports.SUPABASE_PORT,
    postgresPort: ports.POSTGRES_PORT,
    dataDir: resolve(projectRoot, process.env.DATA_DIR || '.data'),
    siteUrl,
    smtpUrl: process.env.SMTP_URL ?? '',
    mailFrom: process.env.MAIL_FROM ?? '',
    demoPassword: process.env.DEMO_PASSWORD || 'switchboard-demo',
    rateLimitFactor: readFactor('AUTH_RATE_LIMIT_FACTOR'),
    trustedProxies: readProxies('TRUSTED_PROXIES'),
    clamavHost: process.env.CLAMAV_HOST ?? '',
    clamavPort: readPort('CLAMAV_PORT', 3310),
    uploadsDir: process.env.UPLOADS_DIR ? resolve(projectRoot, process.env.UPLOADS_DIR) : '',
    webhookAllowPrivate: process.env.WEBHOOK_ALLOW_PRIVATE ?? '',
    webhookRetryScale: readFactor('WEBHOOK_RETRY_SCALE'),
    hosted
  }
}

/** The environment of the built server: the plain names, and the names of Nuxt's runtime configuration. */
export function serverEnvironment(settings: Settings, env: StackEnv): NodeJS.ProcessEnv {
  return {
    ...process.env,
    ...env,
    HOST: settings.host,
    NITRO_HOST: settings.host,
    PORT: String(settings.port),
    NITRO_PORT: String(settings.port),
    NUXT_PUBLIC_SUPABASE_URL: env.SUPABASE_URL,
    NUXT_PUBLIC_SUPABASE_KEY: env.SUPABASE_KEY,
    NUXT_PUBLIC_SUPABASE_COOKIE_OPTIONS_SECURE:
      process.env.NUXT_PUBLIC_SUPABASE_COOKIE_OPTIONS_SECURE ?? String(settings.siteUrl.startsWith('https:')),
    NUXT_SUPABASE_SECRET_KEY: env.SUPABASE_SECRET_KEY,
    NUXT_DATABASE_URL: env.DATABASE_URL,
    NUXT_JWT_SECRET: env.SUPABASE_JWT_SECRET,
    NUXT_JWT_ISSUER: process.env.SUPABASE_JWT_ISSUER ?? '',
    NUXT_SMTP_URL: env.SMTP_URL,
    NUXT_MAIL_FROM: env.MAIL_FROM,
    NUXT_PUBLIC_SITE_URL: settings.siteUrl,
    NUXT_CLAMAV_HOST: settings.clamavHost,
    NUXT_CLAMAV_PORT: String(settings.clamavPort),
    NUXT_TRUSTED_PROXIES: settings.trustedProxies,
    NUXT_WEBHOOK_ALLOW_PRIVATE: settings.webhookAllowPrivate,
    NUXT_WEBHOOK_RETRY_SCALE: String(settings.webhookRetryScale),
    NUXT_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1'
  }
}

function hostedEnvironment(): StackEnv | null {
  const { SUPABASE_URL, SUPABASE_KEY, SUPABASE_SECRET_KEY, DATABASE_URL } = process.env
  if (!SUPABASE_URL) return null
  if (!SUPABASE_KEY || !SUPABASE_SECRET_KEY || !DATABASE_URL)
    throw new SettingsError(
      'SUPABASE_URL is set, so SUPABASE_KEY, SUPABASE_SECRET_KEY and DATABASE_URL are needed too (or none of them, for the embedded Supabase).'
    )
  requireUrl('SUPABASE_URL', SUPABASE_URL)
  return {
    SUPABASE_URL,
    SUPABASE_KEY,
    SUPABASE_SECRET_KEY,
    DATABASE_URL,
    SUPABASE_JWT_SECRET: process.env.SUPABASE_JWT_SECRET ?? '',
    SMTP_URL: process.env.SMTP_URL ?? '',
    MAIL_FROM: process.env.MAIL_FROM || 'Switchboard <no-reply@localhost>'
  }
}

function readPort(name: string, fallback: number): number {
  const text = process.env[name]
  if (!text) return fallback
  const port = Number(text)
  if (!/^\d+$/.test(text) || port < 1 || port > 65_535)
    throw new SettingsError(`${name} must be a port number between 1 and 65535, not "${text}".`)
  if (isBlockedPort(port))
    throw new SettingsError(
      `${name} cannot be ${port}: browsers and fetch() block this port. Choose another, for example: ${name}=${pickOtherPort(port)}`
    )
  return port
}

/** With two parts on one port, the second would fail later with a misleading error. */
function requireDifferent(ports: Record<string, number>): void {
  const names = Object.keys(ports)
  const second = names.find((name, index) => names.findIndex(other => ports[other] === ports[name]) < index)
  const first = names.find(name => name !== second && second !== undefined && ports[name] === ports[second])
  if (first && second) throw new SettingsError(`${first} and ${second} are both ${ports[second]}: each needs its own port.`)
}

function requireUrl(name: string, value: string): void {
  const url = URL.canParse(value) ? new URL(value) : undefined
  if (!url || !/^https?:$/.test(url.protocol))
    throw new SettingsError(`${name} is not a URL that begins with http:// or https://: ${value}`)
  if (isBlockedPort(Number(url.port))) throw new SettingsError(`${name} cannot use port ${url.port}: browsers and fetch() block this port.`)
}

function readProxies(name: string): string {
  const text = process.env[name] ?? ''
  try {
    trustedProxies(text)
    return text
  } catch {
    throw new SettingsError(
      `${name} must be a comma-separated list of addresses and networks, for example 127.0.0.1, 10.0.0.0/8; not "${text}".`
    )
  }
}

function readFactor(name: string): number {
  const text = process.env[name]
  if (!text) return 1
  const value = Number(text)
  if (!Number.isFinite(value) || value <= 0) throw new SettingsError(`${name} must be a number above 0, not "${text}".`)
  return value
}
