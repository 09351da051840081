import { createHash } from 'node:crypto'
import { jwtVerify, SignJWT, type JWTPayload } from 'jose'
import type { Sql } from 'postgres'
import { z } from 'zod'
import {
  AuthError,
  emailField,
  json,
  maxPasswordBytes,
  parseBody,
  refuseMailIfLimited,
  refuseIfLimited,
  textField,
  type AuthContext,
  type Body,
  type User
} from './auth-context.ts'
import * as bcrypt from './bcrypt.ts'
import { spendMail } from './rate-limits.ts'

const recoveryWindow = '30 minutes'

export const sessionHours = 720 // 30 days from sign-in
export const idleHours = 168 // 7 days without a refresh

const signInBody = z.looseObject({ email: z.string().max(320), password: textField })
const verifyBody = z.looseObject({
  type: textField,
  token_hash: textField.optional(),
  token: textField.optional(),
  email: z.string().max(320).optional()
})
const userBody = z.looseObject({
  password: textField.nullish(),
  current_password: textField.nullish(),
  email: emailField.or(z.literal('')).nullish()
})

/** The endpoints that create, refresh and check sessions: /token, /verify and PUT /user. */
export function createAuthSessions(context: AuthContext) {
  const { sql, limits, jwtKey, decoyHash, runExclusive, forward, chargeMailOrRefuse, notify, checkPassword, findUser } = context

  async function signIn(request: Request, body: Body, network: string): Promise<Response> {
    const input = parseBody(signInBody, body)
    const address = input.email.trim().toLowerCase()
    return runExclusive(address, async () => {
      refuseIfLimited((await limits.signIn.wait(address, network)) ?? (await limits.failures.wait(network)))
      const user = await findUser(address)
      const banned = user?.banned_until ? Date.parse(user.banned_until) > Date.now() : false
      if (user?.email_confirmed_at && user.encrypted_password && !banned && Buffer.byteLength(input.password) <= maxPasswordBytes) {
        const response = await forward(request, { ...input, email: address })
        if (response.ok) await limits.signIn.reset(address, network)
        else if (response.status < 500) await countFailure(address, network)
        return addClaims(response, 'password')
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
      refuseIfLimited(await limits.refreshes.spend(network), 'Request rate limit reached')
      const input = parseBody(z.looseObject({ refresh_token: textField }), body)
      const [known] = await sql<{ session_id: string; is_banned: boolean }[]>`
        select token.session_id, coalesce(person.banned_until > now(), false) as is_banned
        from auth.refresh_tokens as token join auth.users as person on person.id::text = token.user_id::text where token.token = ${input.refresh_token}`
      if (known?.is_banned) throw new AuthError(400, 'user_banned', 'Invalid Refresh Token: User Banned')
      // GoTrue locks the session (tokens/service.go, RefreshTokenGrant), so that the second of two concurrent refreshes counts as a retry.
      return runExclusive(`session ${known?.session_id}`, async () => addClaims(await forward(request, input)))
    }
    if (grant === 'pkce')
      return addClaims(await forward(request, parseBody(z.looseObject({ auth_code: textField, code_verifier: textField }), body)), 'otp')
    throw new AuthError(400, 'validation_failed', 'Unsupported grant_type')
  }

  async function verify(request: Request, body: Body, network: string): Promise<Response> {
    const input = parseBody(verifyBody, body)
    refuseIfLimited(await limits.failures.wait(network))
    const hash = input.token_hash ?? createHash('sha256').update(`${input.email?.toLowerCase()}${input.token}`).digest('hex')
    const type = input.type === 'email' ? await getTokenType(hash) : input.type
    const [banned] = await sql`
      select from auth.users
      where ${hash} in (confirmation_token, recovery_token, email_change_token_new, email_change_token_current) and banned_until > now()`
    if (banned) throw new AuthError(403, 'user_banned', 'User is banned')
    const [addressChange] =
      type === 'email_change'
        ? await sql<{ id: string; email: string }[]>`select id, email from auth.users where email_change_token_new = ${hash}`
        : []
    const response = await forward(request, { type, token_hash: hash })
    if (!response.ok) {
      if (response.status < 500) await limits.failures.spend(network)
      return response
    }
    const session = response.headers.get('sb-auth-session-id')
    if (addressChange) await notify('email_changed', addressChange.email)
    // A used link invalidates all other links of the user (models/user.go, ClearAllOneTimeTokensForUser).
    await sql`
      update auth.users set confirmation_token = null, recovery_token = null, email_change_token_new = null, email_change_token_current = null, reauthentication_token = null
      where id = (select user_id from auth.sessions where id = ${session})`
    if (type === 'recovery' && session) await sql`update auth.sessions set tag = 'recovery' where id = ${session}`
    return addClaims(response, 'otp')
  }

  /**
   * Adds the claims of GoTrue's access tokens that `@supabase/lite` leaves out: `iss`, `aal`, `amr` and the columns of
   * auth.users. `method` is the way of signing in, and is given for sign-ins only.
   */
  async function addClaims(response: Response, method?: 'password' | 'otp'): Promise<Response> {
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
    body.access_token = await new SignJWT({ ...payload, ...user, iss: context.issuer, aal: 'aal1' })
      .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
      .sign(jwtKey)
    const headers = new Headers(response.headers)
    headers.delete('content-length')
    return new Response(JSON.stringify(body), { status: response.status, headers })
  }

  /** A change of password or address requires the current password, except within 30 minutes of a sign-in by reset link. */
  async function updateUser(request: Request, body: Body, network: string): Promise<Response> {
    const input = parseBody(userBody, body)
    const wantsPassword = typeof input.password === 'string'
    const claims = await readSession(request)
    if (!claims || !(wantsPassword || input.email)) return forward(request, input)
    const [user] = await sql<(User & { recovering: boolean })[]>`
      select u.*, coalesce(s.tag = 'recovery' and s.created_at > now() - ${recoveryWindow}::interval, false) as recovering
      from auth.users u join auth.sessions s on s.user_id = u.id
      where u.id = ${claims.userId} and s.id = ${claims.sessionId}`
    if (!user) return forward(request, input)
    if (wantsPassword) checkPassword(input.password!, user.email)
    if (user.encrypted_password && !user.recovering) await checkCurrentPassword(user, input.current_password, network)
    if (input.email && input.email.toLowerCase() !== user.email) {
      refuseMailIfLimited(await spendMail(limits, 'email_change', input.email.toLowerCase(), user.id))
      if (!(await findUser(input.email.toLowerCase()))) await chargeMailOrRefuse()
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
    await runExclusive(user.email, async () => {
      refuseIfLimited((await limits.signIn.wait(user.email, network)) ?? (await limits.failures.wait(network)))
      if (await bcrypt.compare(password, user.encrypted_password!)) return
      await countFailure(user.email, network)
      throw new AuthError(400, 'current_password_invalid', 'Current password required when setting new password.')
    })
  }

  async function getTokenType(hash: string): Promise<'signup' | 'magiclink'> {
    const [signup] = await sql`select from auth.users where confirmation_token = ${hash}`
    return signup ? 'signup' : 'magiclink'
  }

  async function countFailure(address: string, network: string): Promise<void> {
    await Promise.all([limits.signIn.fail(address, network), limits.failures.spend(network)])
  }

  async function readSession(request: Request): Promise<{ userId: string; sessionId: string } | null> {
    const bearer = /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1]
    if (!bearer) return null
    const verified = await jwtVerify(bearer, jwtKey, { algorithms: ['HS256'] }).catch(() => null)
    const parsed = z.object({ sub: z.guid(), session_id: z.guid() }).safeParse(verified?.payload)
    return parsed.success ? { userId: parsed.data.sub, sessionId: parsed.data.session_id } : null
  }

  async function refuseBanned(request: Request): Promise<void> {
    const claims = await readSession(request)
    const [banned] = claims ? await sql`select from auth.users where id = ${claims.userId} and banned_until > now()` : []
    if (banned) throw new AuthError(403, 'user_banned', 'User is banned')
  }

  return { token, verify, updateUser, refuseBanned }
}

/** Deletes revoked refresh tokens after 7 days, expired sessions, and audit log entries after 90 days. */
export async function removeExpired(sql: Sql): Promise<void> {
  await sql`delete from auth.refresh_tokens where revoked and updated_at < now() - interval '7 days'`
  await sql`delete from auth.sessions where created_at < now() - ${`${sessionHours} hours`}::interval or coalesce(refreshed_at at time zone 'UTC', created_at) < now() - ${`${idleHours} hours`}::interval`
  await sql`delete from auth.audit_log_entries where created_at < now() - interval '90 days'`
}
