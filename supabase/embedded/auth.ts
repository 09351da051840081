import { AsyncLocalStorage } from 'node:async_hooks'
import { createHash, randomBytes } from 'node:crypto'
import type { App } from '@supabase/lite'
import { jwtVerify, SignJWT, type JWTPayload } from 'jose'
import type { JSONValue, Sql } from 'postgres'
import { z } from 'zod'
import { createAuthAdmin } from './auth-admin.ts'
import * as bcrypt from './bcrypt.ts'
import { networkOf } from '../../network/address.ts'
import { chargeMail, spendMail, type AuthLimits, type Wait } from './rate-limits.ts'
import type { AuthMails } from './mails.ts'

type User = {
  id: string
  email: string
  encrypted_password: string | null
  email_confirmed_at: string | null
  banned_until: string | null
  raw_user_meta_data: Record<string, unknown>
}
type Body = Record<string, unknown>

export type AuthOptions = {
  app: App
  sql: Sql
  limits: AuthLimits
  mails: AuthMails
  jwtSecret: string
  secretKey: string
  siteUrl: string
  /** The claim "iss" of access tokens. */
  issuer: string
  isWeakPassword: (password: string, email: string) => boolean
  /** Of bcrypt. */
  passwordCost: number
}

const maxBodyBytes = 64 * 1024
const maxPasswordBytes = 72 // bcrypt reads no further
const recoveryWindow = '30 minutes'

/** A session ends after 30 days, or after a week without use. */
export const sessionHours = 720
export const idleHours = 168

const text = z.string().max(4096)
const email = z.string().max(320).pipe(z.email())
const signUpBody = z.looseObject({ email, password: text, data: z.record(z.string(), z.unknown()).nullish() })
const mailBody = z.looseObject({ email, data: z.record(z.string(), z.unknown()).nullish(), create_user: z.boolean().nullish() })
const resendBody = z.looseObject({ type: z.enum(['signup', 'email_change']), email })
const signInBody = z.looseObject({ email: z.string().max(320), password: text })
const verifyBody = z.looseObject({ type: text, token_hash: text.optional(), token: text.optional(), email: z.string().max(320).optional() })
const userBody = z.looseObject({ password: text.nullish(), current_password: text.nullish(), email: email.or(z.literal('')).nullish() })

/** Where the mail of the request being served should lead after it was confirmed. */
const requested = new AsyncLocalStorage<{ next: string | null }>()

/**
 * The GoTrue endpoints under /auth/v1: the auth server of `@supabase/lite`, behind what hosted Supabase has and it
 * lacks. Rate limits; answers that do not tell whether an address has an account; a magic link for a new address
 * confirms it first; an unconfirmed account keeps the password of whoever signed up first, also after it is confirmed (the
 * migrations mend that, for hosted as well: private.tg_auth_users__prove_address); a password change asks for the current
 * one and ends the other sessions; mail links are consumed by POST only.
 */
export function createAuth(options: AuthOptions): (request: Request, ip: string) => Promise<Response> {
  const { app, sql, limits, mails, passwordCost } = options
  const jwtKey = new TextEncoder().encode(options.jwtSecret)
  const administer = createAuthAdmin({ sql, secretKey: options.secretKey, jwtKey })
  const decoyHash = bcrypt.hash(randomBytes(24).toString('base64url'), passwordCost)
  const exclusively = createKeyedMutex()
  const forward = (request: Request, body?: Body) => app.fetch(withBody(request, body))

  const linkFor = (tokenHash: string) => ({ tokenHash, next: requested.getStore()?.next })
  app._mailer = {
    sendConfirmation: async (to, token) => mails.send('signup', to, linkFor(token)),
    sendMagicLink: async (to, token) => mails.send('magiclink', to, linkFor(token)),
    sendRecovery: async (to, token) => mails.send('recovery', to, linkFor(token)),
    sendEmailChange: async (to, token) => mails.send('email_change', to, linkFor(token)),
    sendReauthentication: async () => {
      throw new Error('Reauthentication by code is not offered')
    }
  }

  /** Throws 429 where others have taken what was left of the common budget since `spendMail` looked. */
  const charge = async () => refuseMailWhen(await chargeMail(limits))

  // Charged as every mail is. Sent from an empty budget as well, unlike the original: whoever empties it would silence what warns of them.
  async function notify(kind: 'password_changed' | 'email_changed', to: string): Promise<void> {
    await chargeMail(limits)
    mails.send(kind, to, {})
  }

  async function signUp(request: Request, body: Body): Promise<Response> {
    const input = parse(signUpBody, body)
    checkPassword(input.password, input.email)
    const address = input.email.toLowerCase()
    refuseMailWhen(await spendMail(limits, 'confirmation', address))
    return exclusively(address, async () => {
      const user = await findUser(address)
      if (!user) {
        await charge()
        return forward(request, { ...input, data: input.data ?? {} })
      }
      await bcrypt.hash(input.password, passwordCost)
      if (user.email_confirmed_at) return json(200, await signedUpUser(address, input.data ?? {}))
      await confirmAgain(address)
      return json(200, await signedUpUser(address, user.raw_user_meta_data, user.id))
    })
  }

  /**
   * Mails an unconfirmed account another link, in place of the one before. Nothing else changes, whoever asked: the
   * password stays that of the first sign-up (signup.go: "do not update the user because we can't be sure of their
   * claimed identity").
   */
  async function confirmAgain(address: string): Promise<void> {
    const [known] = await sql`select from auth.users where email = ${address} and email_confirmed_at is null`
    if (!known) return
    await charge()
    const token = randomBytes(32).toString('hex')
    const [user] =
      await sql`update auth.users set confirmation_token = ${token}, confirmation_sent_at = now() where email = ${address} and email_confirmed_at is null returning id`
    if (user) mails.send('signup', address, linkFor(token))
  }

  async function sendOtp(request: Request, body: Body): Promise<Response> {
    const input = parse(mailBody, body)
    const address = input.email.toLowerCase()
    refuseMailWhen(await spendMail(limits, 'recovery', address))
    return exclusively(address, async () => {
      const user = await findUser(address)
      if (!user && input.create_user !== false) {
        await charge()
        const response = await forward(new Request(new URL('signup', request.url), { method: 'POST', headers: request.headers }), {
          email: address,
          password: randomBytes(36).toString('base64url'),
          data: input.data ?? {}
        })
        return response.ok ? json(200, {}) : response
      }
      await bcrypt.hash(address, passwordCost)
      if (user?.email_confirmed_at) {
        await charge()
        return forward(request, { email: address, create_user: false })
      }
      if (user) await confirmAgain(address) // magic_link.go: who never confirmed is signed up once more
      return json(200, {})
    })
  }

  async function recover(request: Request, body: Body): Promise<Response> {
    const address = parse(mailBody, body).email.toLowerCase()
    refuseMailWhen(await spendMail(limits, 'recovery', address))
    return exclusively(address, async () => {
      if (await findUser(address)) await charge()
      return forward(request, { email: address })
    })
  }

  async function resend(_request: Request, body: Body): Promise<Response> {
    const input = parse(resendBody, body)
    const address = input.email.toLowerCase()
    refuseMailWhen(await spendMail(limits, input.type === 'signup' ? 'confirmation' : 'email_change', address))
    if (input.type === 'signup') {
      await confirmAgain(address)
    } else {
      const token = randomBytes(32).toString('hex')
      const [user] = await sql<
        { email_change: string }[]
      >`update auth.users set email_change_token_new = ${token}, email_change_sent_at = now() where email = ${address} and email_change <> '' returning email_change`
      // The new mailbox has budgets of its own: a change may have been mailed to it a moment ago.
      if (user && (await spendMail(limits, 'email_change', user.email_change)) === null) {
        await charge()
        mails.send('email_change', user.email_change, linkFor(token))
      }
    }
    return json(200, {})
  }

  async function signIn(request: Request, body: Body, network: string): Promise<Response> {
    const input = parse(signInBody, body)
    const address = input.email.trim().toLowerCase()
    return exclusively(address, async () => {
      refuseWhen((await limits.signIn.wait(address, network)) ?? (await limits.failures.wait(network)))
      const user = await findUser(address)
      const banned = user?.banned_until ? Date.parse(user.banned_until) > Date.now() : false
      if (user?.email_confirmed_at && user.encrypted_password && !banned && Buffer.byteLength(input.password) <= maxPasswordBytes) {
        const response = await forward(request, { ...input, email: address })
        if (response.ok) await limits.signIn.reset(address, network)
        else if (response.status < 500) await countFailure(address, network)
        return withClaims(response, 'password')
      }
      const matches =
        (await bcrypt.compare(input.password, user?.encrypted_password ?? (await decoyHash))) &&
        Buffer.byteLength(input.password) <= maxPasswordBytes
      if (matches && banned) throw new AuthError(400, 'user_banned', 'User is banned')
      if (matches && user && !user.email_confirmed_at) throw new AuthError(400, 'email_not_confirmed', 'Email not confirmed')
      await countFailure(address, network)
      throw new AuthError(400, 'invalid_credentials', 'Invalid login credentials')
    })
  }

  async function token(request: Request, body: Body, network: string): Promise<Response> {
    const grant = new URL(request.url).searchParams.get('grant_type')
    if (grant === 'password') return signIn(request, body, network)
    if (grant === 'refresh_token') {
      refuseWhen(await limits.refreshes.spend(network), 'Request rate limit reached')
      const input = parse(z.looseObject({ refresh_token: text }), body)
      const [known] = await sql<{ session_id: string; is_banned: boolean }[]>`
        select token.session_id, coalesce(person.banned_until > now(), false) as is_banned
        from auth.refresh_tokens as token join auth.users as person on person.id::text = token.user_id::text where token.token = ${input.refresh_token}`
      if (known?.is_banned) throw new AuthError(400, 'user_banned', 'Invalid Refresh Token: User Banned')
      // The original locks the session (tokens/service.go: RefreshTokenGrant): of two refreshes at once, the second is a repetition.
      return exclusively(`session ${known?.session_id}`, async () => withClaims(await forward(request, input)))
    }
    if (grant === 'pkce')
      return withClaims(await forward(request, parse(z.looseObject({ auth_code: text, code_verifier: text }), body)), 'otp')
    throw new AuthError(400, 'validation_failed', 'Unsupported grant_type')
  }

  async function verify(request: Request, body: Body, network: string): Promise<Response> {
    const input = parse(verifyBody, body)
    refuseWhen(await limits.failures.wait(network))
    const hash = input.token_hash ?? createHash('sha256').update(`${input.email?.toLowerCase()}${input.token}`).digest('hex')
    const type = input.type === 'email' ? await kindOfToken(hash) : input.type
    const [banned] = await sql`
      select from auth.users
      where ${hash} in (confirmation_token, recovery_token, email_change_token_new, email_change_token_current) and banned_until > now()`
    if (banned) throw new AuthError(403, 'user_banned', 'User is banned')
    const [changing] =
      type === 'email_change'
        ? await sql<{ id: string; email: string }[]>`select id, email from auth.users where email_change_token_new = ${hash}`
        : []
    const response = await forward(request, { type, token_hash: hash })
    if (!response.ok) {
      if (response.status < 500) await limits.failures.spend(network)
      return response
    }
    const session = response.headers.get('sb-auth-session-id')
    if (changing) await notify('email_changed', changing.email)
    // One link that was used ends all others (models/user.go: ClearAllOneTimeTokensForUser).
    await sql`
      update auth.users set confirmation_token = null, recovery_token = null, email_change_token_new = null, email_change_token_current = null, reauthentication_token = null
      where id = (select user_id from auth.sessions where id = ${session})`
    if (type === 'recovery' && session) await sql`update auth.sessions set tag = 'recovery' where id = ${session}`
    return withClaims(response, 'otp')
  }

  /**
   * The answer with the claims of the original in its access token: the package leaves out who issued it, how its
   * person signed in and what is known of them. `method` is how, where this answer is a sign-in.
   */
  async function withClaims(response: Response, method?: 'password' | 'otp'): Promise<Response> {
    if (!response.ok) return response
    const body = (await response.json()) as Body
    if (typeof body.access_token !== 'string') return json(response.status, body)
    const { payload } = await jwtVerify(body.access_token, jwtKey, { algorithms: ['HS256'] })
    const { sub, session_id: session } = payload as JWTPayload & { sub: string; session_id: string }
    if (method) {
      await sql`
        insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method) values (gen_random_uuid(), ${session}, now(), now(), ${method})
        on conflict on constraint mfa_amr_claims_session_id_authentication_method_pkey do update set updated_at = now()`
    }
    const [user] = await sql<
      { app_metadata: object; user_metadata: object; phone: string; is_anonymous: boolean; amr: { method: string; timestamp: number }[] }[]
    >`
      select raw_app_meta_data as app_metadata, raw_user_meta_data as user_metadata, coalesce(phone, '') as phone, is_anonymous,
        coalesce((
          select json_agg(json_build_object('method', authentication_method, 'timestamp', floor(extract(epoch from updated_at))::bigint) order by updated_at desc)
          from auth.mfa_amr_claims where session_id = ${session}
        ), '[]') as amr
      from auth.users where id = ${sub}`
    body.access_token = await new SignJWT({ ...payload, ...user, iss: options.issuer, aal: 'aal1' })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(jwtKey)
    const headers = new Headers(response.headers)
    headers.delete('content-length')
    return new Response(JSON.stringify(body), { status: response.status, headers })
  }

  /** Changing password or address needs the current password, unless the session came from a reset link just now. */
  async function updateUser(request: Request, body: Body, network: string): Promise<Response> {
    const input = parse(userBody, body)
    const wantsPassword = typeof input.password === 'string'
    const claims = await sessionOf(request)
    if (!claims || !(wantsPassword || input.email)) return forward(request, input)
    const [user] = await sql<(User & { recovering: boolean })[]>`
      select u.*, coalesce(s.tag = 'recovery' and s.created_at > now() - ${recoveryWindow}::interval, false) as recovering
      from auth.users u join auth.sessions s on s.user_id = u.id
      where u.id = ${claims.userId} and s.id = ${claims.sessionId}`
    if (!user) return forward(request, input)
    if (wantsPassword) checkPassword(input.password!, user.email)
    if (user.encrypted_password && !user.recovering) await checkCurrentPassword(user, input.current_password, network)
    if (input.email && input.email.toLowerCase() !== user.email) {
      refuseMailWhen(await spendMail(limits, 'email_change', input.email.toLowerCase(), user.id))
      if (!(await findUser(input.email.toLowerCase()))) await charge()
    }
    const response = await forward(request, input)
    if (response.ok && wantsPassword) {
      await sql`delete from auth.sessions where user_id = ${user.id} and id <> ${claims.sessionId}`
      await sql`update auth.sessions set tag = null where id = ${claims.sessionId}`
      await notify('password_changed', user.email)
    }
    return response
  }

  async function checkCurrentPassword(user: User, password: string | null | undefined, network: string): Promise<void> {
    if (!password) throw new AuthError(400, 'current_password_required', 'Current password required when setting new password.')
    await exclusively(user.email, async () => {
      refuseWhen((await limits.signIn.wait(user.email, network)) ?? (await limits.failures.wait(network)))
      if (await bcrypt.compare(password, user.encrypted_password!)) return
      await countFailure(user.email, network)
      throw new AuthError(400, 'current_password_invalid', 'Current password required when setting new password.')
    })
  }

  // In place of hosted's "leaked password protection", which asks a service on the internet.
  function checkPassword(password: string, email: string): void {
    if (Buffer.byteLength(password) > maxPasswordBytes)
      throw new AuthError(400, 'validation_failed', 'Password cannot be longer than 72 bytes')
    if (options.isWeakPassword(password, email))
      throw new AuthError(
        422,
        'weak_password',
        'Password is known to be weak and easy to guess, please choose a different one.',
        {},
        { weak_password: { reasons: ['pwned'] } }
      )
  }

  /** What a sign-up answers, though there was nothing to sign up. */
  async function signedUpUser(address: string, data: Record<string, unknown>, id = uuidV7()): Promise<Body> {
    const now = new Date().toISOString()
    // The database's order of keys, so that this answer looks like the other one.
    const [row] =
      await sql`select ${sql.json({ ...data, email: address, email_verified: false, phone_verified: false, sub: id } as JSONValue)}::jsonb as metadata`
    return {
      id,
      aud: 'authenticated',
      role: 'authenticated',
      email: address,
      phone: '',
      app_metadata: { provider: 'email', providers: ['email'] },
      user_metadata: row!.metadata,
      identities: [
        {
          identity_id: uuidV7(),
          id,
          user_id: id,
          identity_data: row!.metadata,
          provider: 'email',
          last_sign_in_at: now,
          created_at: now,
          updated_at: now,
          email: address
        }
      ],
      created_at: now,
      updated_at: now,
      is_anonymous: false,
      confirmation_sent_at: now
    }
  }

  async function findUser(address: string): Promise<User | undefined> {
    const [user] = await sql<
      User[]
    >`select id, email, encrypted_password, email_confirmed_at, banned_until, raw_user_meta_data from auth.users where email = ${address}`
    return user
  }

  async function kindOfToken(hash: string): Promise<'signup' | 'magiclink'> {
    const [signup] = await sql`select from auth.users where confirmation_token = ${hash}`
    return signup ? 'signup' : 'magiclink'
  }

  async function countFailure(address: string, network: string): Promise<void> {
    await Promise.all([limits.signIn.fail(address, network), limits.failures.spend(network)])
  }

  async function sessionOf(request: Request): Promise<{ userId: string; sessionId: string } | null> {
    const bearer = /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
    if (!bearer) return null
    const verified = await jwtVerify(bearer, jwtKey, { algorithms: ['HS256'] }).catch(() => null)
    const parsed = z.object({ sub: z.guid(), session_id: z.guid() }).safeParse(verified?.payload)
    return parsed.success ? { userId: parsed.data.sub, sessionId: parsed.data.session_id } : null
  }

  async function refuseBanned(request: Request): Promise<void> {
    const claims = await sessionOf(request)
    const [banned] = claims ? await sql`select from auth.users where id = ${claims.userId} and banned_until > now()` : []
    if (banned) throw new AuthError(403, 'user_banned', 'User is banned')
  }

  // Those that the original's router puts behind limitHandler() (internal/api/api.go); renewals are counted in token().
  const counted = new Set(['POST /signup', 'POST /otp', 'POST /recover', 'POST /resend', 'POST /verify', 'PUT /user'])
  const routes: Record<string, (request: Request, body: Body, network: string) => Promise<Response>> = {
    'POST /signup': signUp,
    'POST /otp': sendOtp,
    'POST /recover': recover,
    'POST /resend': resend,
    'POST /token': token,
    'POST /verify': verify,
    'PUT /user': updateUser
  }
  const withSession = new Set(['GET /user', 'PUT /user', 'POST /logout'])
  const forwarded = new Set([
    'GET /user',
    'POST /logout',
    'GET /settings',
    'GET /health',
    'GET /.well-known/jwks.json',
    'GET /.well-known/openid-configuration'
  ])

  return async (request, ip) => {
    const url = new URL(request.url)
    const route = `${request.method} ${url.pathname.replace(/^\/auth\/v1/, '')}`
    try {
      if (withSession.has(route)) await refuseBanned(request)
      // Without a scope the original signs out everywhere, the package here alone.
      if (route === 'POST /logout' && !url.searchParams.get('scope')) url.searchParams.set('scope', 'global')
      if (forwarded.has(route)) return await app.fetch(new Request(url, request))
      const administered = await administer(request, url.pathname.replace(/^\/auth\/v1/, ''))
      if (administered) return administered
      const handler = routes[route]
      if (!handler) return json(404, { code: 404, error_code: 'not_found', msg: 'Not served by the embedded auth server' })
      const network = networkOf(ip)
      if (counted.has(route)) refuseWhen(await limits.requests.spend(`${route} ${network}`), 'Request rate limit reached')
      const body = await readJson(request)
      return await requested.run({ next: nextPath(url.searchParams.get('redirect_to'), options.siteUrl) }, () =>
        handler(request, body, network)
      )
    } catch (error) {
      if (error instanceof AuthError) return error.toResponse()
      throw error
    }
  }
}

/** Deletes what no longer counts: used refresh tokens after a week, ended sessions, audit entries after 90 days. */
export async function removeExpired(sql: Sql): Promise<void> {
  await sql`delete from auth.refresh_tokens where revoked and updated_at < now() - interval '7 days'`
  await sql`delete from auth.sessions where created_at < now() - ${`${sessionHours} hours`}::interval or coalesce(refreshed_at at time zone 'UTC', created_at) < now() - ${`${idleHours} hours`}::interval`
  await sql`delete from auth.audit_log_entries where created_at < now() - interval '90 days'`
}

/** An error in GoTrue's shape: `{ code: <status>, error_code, msg }`. */
class AuthError extends Error {
  readonly status: number
  readonly errorCode: string
  readonly headers: Record<string, string>
  readonly details: Body

  constructor(status: number, errorCode: string, message: string, headers: Record<string, string> = {}, details: Body = {}) {
    super(message)
    this.status = status
    this.errorCode = errorCode
    this.headers = headers
    this.details = details
  }

  toResponse(): Response {
    return json(
      this.status,
      { code: this.status, error_code: this.errorCode, msg: this.message, ...this.details },
      { 'x-sb-error-code': this.errorCode, ...this.headers }
    )
  }
}

function refuseWhen(wait: Wait, message = `Too many attempts. Try again in ${wait} seconds.`): void {
  if (wait !== null) throw new AuthError(429, 'over_request_rate_limit', message, { 'retry-after': String(wait) })
}

// The words and the code of hosted (internal/api/mail.go).
function refuseMailWhen(wait: Wait): void {
  if (wait !== null)
    throw new AuthError(429, 'over_email_send_rate_limit', `For security purposes, you can only request this after ${wait} seconds.`, {
      'retry-after': String(wait)
    })
}

function parse<T extends z.ZodType>(schema: T, body: Body): z.output<T> {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const field = result.error.issues[0]?.path.join('.')
  throw new AuthError(
    400,
    'validation_failed',
    field === 'email' ? 'Unable to validate email address: invalid format' : `Invalid value${field ? ` of ${field}` : ''}`
  )
}

async function readJson(request: Request): Promise<Body> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > maxBodyBytes) throw new AuthError(413, 'request_too_large', 'Request body is too large')
    chunks.push(chunk)
  }
  let body: unknown
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch {
    throw new AuthError(400, 'bad_json', 'Could not parse request body as JSON')
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new AuthError(400, 'bad_json', 'The request body must be a JSON object')
  // Postgres stores neither NUL nor half a surrogate pair.
  if (/(?<!\\)(\\\\)*\\u(0000|d[89a-f][0-9a-f]{2})/i.test(JSON.stringify(body)))
    throw new AuthError(400, 'validation_failed', 'The request body contains characters that cannot be stored')
  return body as Body
}

function withBody(request: Request, body: Body | undefined): Request {
  const headers = new Headers(request.headers)
  headers.delete('content-length')
  headers.set('content-type', 'application/json')
  return new Request(request.url, { method: request.method, headers, body: JSON.stringify(body ?? {}) })
}

function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
}

/** The path behind `redirect_to` when that is the whole address of a page of this site, to be opened after the confirmation. */
function nextPath(redirectTo: string | null, siteUrl: string): string | null {
  const { origin } = new URL(siteUrl)
  // Parsers drop tabs and line breaks and read "\\" as "/".
  if (!redirectTo?.startsWith(`${origin}/`) || /[\s\\]|\p{Cc}/u.test(redirectTo) || !URL.canParse(redirectTo)) return null
  const url = new URL(redirectTo)
  if (url.origin !== origin || url.pathname === '/' || url.pathname.startsWith('//') || url.pathname.startsWith('/auth/')) return null
  return url.pathname + url.search
}

/** RFC 9562 §5.7, as the auth server numbers its users. */
function uuidV7(): string {
  const bytes = randomBytes(16)
  bytes.writeUIntBE(Date.now(), 0, 6)
  bytes[6] = 0x70 | (bytes[6]! & 0x0f)
  bytes[8] = 0x80 | (bytes[8]! & 0x3f)
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** Runs the work of one key after another, of different keys side by side. */
function createKeyedMutex(): <T>(key: string, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>()
  return async (key, work) => {
    const previous = tails.get(key)
    const current = (previous ?? Promise.resolve()).then(work, work)
    tails.set(key, current)
    try {
      return await current
    } finally {
      if (tails.get(key) === current) tails.delete(key)
    }
  }
}
