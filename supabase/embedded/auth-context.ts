import { AsyncLocalStorage } from 'node:async_hooks'
import { randomBytes } from 'node:crypto'
import type { App } from '@supabase/lite'
import type { Sql } from 'postgres'
import { z } from 'zod'
import * as bcrypt from './bcrypt.ts'
import { chargeMail, type AuthLimits, type Wait } from './rate-limits.ts'
import type { AuthMails } from './mails.ts'

export type User = {
  id: string
  email: string
  encrypted_password: string | null
  email_confirmed_at: string | null
  banned_until: string | null
  raw_user_meta_data: Record<string, unknown>
}
export type Body = Record<string, unknown>

export type AuthOptions = {
  app: App
  sql: Sql
  limits: AuthLimits
  mails: AuthMails
  jwtSecret: string
  secretKey: string
  siteUrl: string
  /** The `iss` claim of access tokens. */
  issuer: string
  isWeakPassword: (password: string, email: string) => boolean
  /** Rounds of bcrypt, as a power of two. */
  passwordCost: number
}

export const maxPasswordBytes = 72 // bcrypt ignores further bytes

export const textField = z.string().max(4096)
export const emailField = z.string().max(320).pipe(z.email())

/** Per request: the path that the link of its mail opens after the confirmation. */
export const requestStore = new AsyncLocalStorage<{ next: string | null }>()

/** The state and helpers that all auth endpoints share. */
export type AuthContext = ReturnType<typeof createAuthContext>

export function createAuthContext(options: AuthOptions) {
  const { app, sql, limits, mails, passwordCost } = options
  const jwtKey = new TextEncoder().encode(options.jwtSecret)
  const decoyHash = bcrypt.hash(randomBytes(24).toString('base64url'), passwordCost)
  const runExclusive = createKeyedMutex()
  const forward = (request: Request, body?: Body) => app.fetch(replaceBody(request, body))
  const buildLink = (tokenHash: string) => ({ tokenHash, next: requestStore.getStore()?.next })

  /** Charges the server-wide mail budget. Throws 429 when other requests emptied it after `spendMail` checked. */
  const chargeMailOrRefuse = async () => refuseMailIfLimited(await chargeMail(limits))

  // Unlike GoTrue, an empty server-wide budget does not stop a security notice. Otherwise an attacker could empty the budget
  // and suppress the warning about the attack.
  async function notify(kind: 'password_changed' | 'email_changed', to: string): Promise<void> {
    await chargeMail(limits)
    mails.send(kind, to, {})
  }

  // Replaces hosted's leaked password protection, which asks haveibeenpwned.org. The error is the one that hosted returns.
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

  async function findUser(address: string): Promise<User | undefined> {
    const [user] = await sql<
      User[]
    >`select id, email, encrypted_password, email_confirmed_at, banned_until, raw_user_meta_data from auth.users where email = ${address}`
    return user
  }

  return { ...options, jwtKey, decoyHash, runExclusive, forward, buildLink, chargeMailOrRefuse, notify, checkPassword, findUser }
}

/** An error that is answered as GoTrue does: `{ code: <status>, error_code, msg }`. */
export class AuthError extends Error {
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

export function refuseIfLimited(wait: Wait, message = `Too many attempts. Try again in ${wait} seconds.`): void {
  if (wait !== null) throw new AuthError(429, 'over_request_rate_limit', message, { 'retry-after': String(wait) })
}

// Message and code are GoTrue's (internal/api/mail.go).
export function refuseMailIfLimited(wait: Wait): void {
  if (wait !== null)
    throw new AuthError(429, 'over_email_send_rate_limit', `For security purposes, you can only request this after ${wait} seconds.`, {
      'retry-after': String(wait)
    })
}

export function parseBody<T extends z.ZodType>(schema: T, body: Body): z.output<T> {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const field = result.error.issues[0]?.path.join('.')
  throw new AuthError(
    400,
    'validation_failed',
    field === 'email' ? 'Unable to validate email address: invalid format' : `Invalid value${field ? ` of ${field}` : ''}`
  )
}

function replaceBody(request: Request, body: Body | undefined): Request {
  const headers = new Headers(request.headers)
  headers.delete('content-length')
  headers.set('content-type', 'application/json')
  return new Request(request.url, { method: request.method, headers, body: JSON.stringify(body ?? {}) })
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
}

/** Runs work with the same key one after another, and work with different keys concurrently. */
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
