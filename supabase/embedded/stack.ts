import { once } from 'node:events'
import { createServer } from 'node:http'
import { join, resolve } from 'node:path'
import { App, setExperimental } from '@supabase/lite'
import { createPostgresConnection } from '@supabase/lite/postgres'
import { Pool } from 'pg'
import postgres from 'postgres'
import { createAuth } from './auth.ts'
import { idleHours, removeExpired, sessionHours } from './auth-sessions.ts'
import { useThreadsForBcrypt } from './bcrypt.ts'
import { createGateway } from './gateway.ts'
import { startInbox } from './inbox.ts'
import { createAuthMails } from './mails.ts'
import { startPostgres, type Log } from './postgres.ts'
import { countInPostgres, createAuthLimits } from './rate-limits.ts'
import { createRealtimeServer } from './realtime/server.ts'
import { loadSecrets, writePrivateFile } from './secrets.ts'
import { createStorage } from './storage.ts'
import { createFileStorage } from './storage-files.ts'

export { freePort } from './postgres.ts'

export type StackOptions = {
  /** Directory for the state of this install. Created when missing. */
  dataDir: string
  supabasePort: number
  postgresPort: number
  /** Origin of the web app. Mail links open its pages. */
  siteUrl: string
  /** URL of a mail server. Default: the local inbox. */
  smtpUrl?: string
  mailFrom?: string
  /** Directory of stored files. Default: `storage` in `dataDir`. */
  uploadsDir?: string
  /** Multiplies every budget of the auth endpoints. Default 1. For load tests. */
  rateLimitFactor?: number
  /** Proxies whose X-Forwarded-For is trusted. Default: none. */
  trustedProxies?: string
  /** Refuses passwords that are long enough but easy to guess. Default: refuses none. */
  isWeakPassword?: (password: string, email: string) => boolean
  /** Rounds of bcrypt for new passwords, as a power of two. Default 10, as on hosted. Tests use fewer. */
  passwordCost?: number
  /** See PostgresOptions. */
  isDurable?: boolean
  log?: Log
}

/** The product's settings for this Supabase, named as in .env.example. */
export type StackEnv = {
  SUPABASE_URL: string
  SUPABASE_KEY: string
  SUPABASE_SECRET_KEY: string
  SUPABASE_JWT_SECRET: string
  DATABASE_URL: string
  SMTP_URL: string
  MAIL_FROM: string
}

export type Stack = {
  env: StackEnv
  inboxUrl: string
  /** Connection URL of the superuser. The product never uses it. */
  adminUrl: string
  /** Resolves when Postgres exited unexpectedly and the restarts failed. */
  failed: Promise<void>
  stop(): Promise<void>
}

const cleanupIntervalMs = 6 * 3_600_000

/**
 * Starts the embedded Supabase on 127.0.0.1: Postgres 17 on `postgresPort`; auth, storage, realtime and the inbox on
 * `supabasePort`. Writes `<dataDir>/supabase.env` (mode 0600). Does not apply migrations.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const log = options.log ?? (() => {})
  const dataDir = resolve(options.dataDir)
  const passwordCost = options.passwordCost ?? 10
  const supabaseUrl = `http://127.0.0.1:${options.supabasePort}`
  const database = await startPostgres({ dataDir, port: options.postgresPort, isDurable: options.isDurable, log })
  const stoppers: (() => Promise<void>)[] = [() => database.stop()]
  const stop = async () => {
    for (const stopPart of stoppers.splice(0).reverse()) await stopPart()
  }
  try {
    const secrets = await loadSecrets(dataDir)
    const inbox = await startInbox(join(dataDir, 'mail'))
    stoppers.push(inbox.stop)
    const env: StackEnv = {
      SUPABASE_URL: supabaseUrl,
      SUPABASE_KEY: secrets.publishableKey,
      SUPABASE_SECRET_KEY: secrets.secretKey,
      SUPABASE_JWT_SECRET: secrets.jwtSecret,
      DATABASE_URL: database.postgresUrl,
      SMTP_URL: options.smtpUrl || inbox.smtpUrl,
      MAIL_FROM: options.mailFrom || 'Switchboard <no-reply@localhost>'
    }
    const app = await createApp({
      databaseUrl: database.url('supabase_auth_admin'),
      storageDir: options.uploadsDir ? resolve(options.uploadsDir) : join(dataDir, 'storage'),
      siteUrl: options.siteUrl,
      env,
      passwordCost
    })
    stoppers.push(() => app.connection.close())
    const mails = createAuthMails({ smtpUrl: env.SMTP_URL, from: env.MAIL_FROM, siteUrl: options.siteUrl, log })
    stoppers.push(mails.stop)
    const sql = postgres(database.url('supabase_auth_admin'), { max: 4, onnotice: () => {}, connection: { application_name: 'auth' } })
    stoppers.push(() => sql.end({ timeout: 2 }))
    await sql`create table if not exists auth.rate_limits (key text primary key, points integer not null default 0, expire bigint)`
    const pool = new Pool({ connectionString: database.url('supabase_auth_admin'), max: 4, application_name: 'auth limits' })
    pool.on('error', error => log(`A connection for rate limits failed: ${error.message}`))
    stoppers.push(() => pool.end())
    const limits = createAuthLimits(options.rateLimitFactor ?? 1, countInPostgres(pool))
    const auth = createAuth({
      app,
      sql,
      limits,
      mails,
      jwtSecret: secrets.jwtSecret,
      secretKey: secrets.secretKey,
      siteUrl: options.siteUrl,
      issuer: `${supabaseUrl}/auth/v1`,
      isWeakPassword: options.isWeakPassword ?? (() => false),
      passwordCost
    })
    const cleanupTimer = setInterval(
      () => removeExpired(sql).catch((error: Error) => log(`Could not remove expired sessions: ${error.message}`)),
      cleanupIntervalMs
    ).unref()
    stoppers.push(async () => clearInterval(cleanupTimer))
    await removeExpired(sql)
    const realtime = createRealtimeServer({
      databaseUrl: database.adminUrl,
      jwtSecret: secrets.jwtSecret,
      publishableKey: secrets.publishableKey,
      secretKey: secrets.secretKey,
      privateOnly: true,
      log
    })
    await realtime.start()
    stoppers.push(() => realtime.stop())

    const gateway = createGateway({
      keys: [secrets.publishableKey, secrets.secretKey],
      trustedProxies: options.trustedProxies ?? '',
      auth,
      storage: createStorage(app, secrets.jwtSecret),
      realtime,
      inbox,
      log
    })
    const server = createServer(gateway.handleRequest)
    server.on('upgrade', gateway.handleUpgrade)
    server.listen(options.supabasePort, '127.0.0.1')
    await once(server, 'listening')
    stoppers.push(async () => {
      server.close()
      server.closeAllConnections()
    })
    await writePrivateFile(
      join(dataDir, 'supabase.env'),
      Object.entries(env)
        .map(([name, value]) => `${name}=${JSON.stringify(value)}\n`)
        .join('')
    )
    return { env, inboxUrl: `http://localhost:${options.supabasePort}/inbox`, adminUrl: database.adminUrl, failed: database.failed, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function createApp(options: {
  databaseUrl: string
  storageDir: string
  siteUrl: string
  env: StackEnv
  passwordCost: number
}): Promise<App> {
  const json = {
    serialize: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
    parse: (text: string) => JSON.parse(text) as unknown
  }
  const connection = createPostgresConnection({
    url: options.databaseUrl,
    postgresOptions: {
      max: 8,
      onnotice: () => {},
      // Only this server may delete rows of stored objects: bootstrap.ts.
      connection: { 'application_name': 'auth, storage', 'storage.allow_delete_query': 'true' },
      // The package serializes JSON itself. The driver's default serializer would encode it again, into a JSON string.
      types: {
        json: { to: 114, from: [114], ...json },
        jsonb: { to: 3802, from: [3802], ...json },
        timestamptz: { to: 1184, from: [1184], serialize: (value: string) => value, parse: (text: string) => new Date(text).toISOString() }
      }
    }
  })
  // Prevents the package from granting the API roles all privileges in every schema that has row-level security.
  Object.assign(connection, { rlsState: 'active' })
  const app = new App({
    connection,
    auth: {
      enabled: true,
      jwt_secret: options.env.SUPABASE_JWT_SECRET,
      publishable_key: options.env.SUPABASE_KEY,
      secret_key: options.env.SUPABASE_SECRET_KEY,
      site_url: options.siteUrl,
      additional_redirect_urls: [],
      jwt_expiry: 3600,
      enable_refresh_token_rotation: true,
      enable_anonymous_sign_ins: false,
      minimum_password_length: 8,
      sessions: { timebox: `${sessionHours}h`, inactivity_timeout: `${idleHours}h` },
      // A mail token is the hash of address and code. Hosted's codes have 8 digits (supabase/config.toml); here 40 digits make the
      // token unguessable, and nobody types it. Hosted asks both mailboxes to confirm a change of address (double_confirm_changes);
      // here only the new one confirms, and updateUser() requires the current password.
      email: { enable_confirmations: true, double_confirm_changes: false, otp_length: 40, otp_expiry: 3600 }
    },
    storage: { enabled: true, file_size_limit: '50MiB' },
    api: { enabled: false },
    studio: { enabled: false }
  })
  app._storageAdapter = createFileStorage(options.storageDir)
  await useThreadsForBcrypt(options.passwordCost)
  await app.init()
  setExperimental('storage', true)
  return app as unknown as App
}
