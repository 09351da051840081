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
  /** The claim "iss" of access tokens. */
  issuer: string
  isWeakPassword: (password: string, email: string) => boolean
  /** Of bcrypt. */
  passwordCost: number
}

export const maxPasswordBytes = 72 // bcrypt reads no further

export const text = z.string().max(4096)
export const email = z.string().max(320).pipe(z.email())

/** Where the mail of the request being served should lead after it was confirmed. */
export const requested = new AsyncLocalStorage<{ next: string | null }>()

/** What the endpoints share. */
export type AuthContext = ReturnType<typeof createAuthContext>

export function createAuthContext(options: AuthOptions) {
  const { app, sql, limits, mails, passwordCost } = options
  const jwtKey = new TextEncoder().encode(options.jwtSecret)
  const decoyHash = bcrypt.hash(randomBytes(24).toString('base64url'), passwordCost)
  const exclusively = createKeyedMutex()
  const forward = (request: Request, body?: Body) => app.fetch(withBody(request, body))
  const linkFor = (tokenHash: string) => ({ tokenHash, next: requested.getStore()?.next })

  /** Throws 429 where others have taken what was left of the common budget since `spendMail` looked. */
  const charge = async () => refuseMailWhen(await chargeMail(limits))

  // Charged as every mail is. Sent from an empty budget as well, unlike the original: whoever empties it would silence what warns of them.
  async function notify(kind: 'password_changed' | 'email_changed', to: string): Promise<void> {
    await chargeMail(limits)
    mails.send(kind, to, {})
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

  async function findUser(address: string): Promise<User | undefined> {
    const [user] = await sql<
      User[]
    >`select id, email, encrypted_password, email_confirmed_at, banned_until, raw_user_meta_data from auth.users where email = ${address}`
    return user
  }

  return { ...options, jwtKey, decoyHash, exclusively, forward, linkFor, charge, notify, checkPassword, findUser }
}

/** An error in GoTrue's shape: `{ code: <status>, error_code, msg }`. */
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

export function refuseWhen(wait: Wait, message = `Too many attempts. Try again in ${wait} seconds.`): void {
  if (wait !== null) throw new AuthError(429, 'over_request_rate_limit', message, { 'retry-after': String(wait) })
}

// The words and the code of hosted (internal/api/mail.go).
export function refuseMailWhen(wait: Wait): void {
  if (wait !== null)
    throw new AuthError(429, 'over_email_send_rate_limit', `For security purposes, you can only request this after ${wait} seconds.`, {
      'retry-after': String(wait)
    })
}

export function parse<T extends z.ZodType>(schema: T, body: Body): z.output<T> {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const field = result.error.issues[0]?.path.join('.')
  throw new AuthError(
    400,
    'validation_failed',
    field === 'email' ? 'Unable to validate email address: invalid format' : `Invalid value${field ? ` of ${field}` : ''}`
  )
}

function withBody(request: Request, body: Body | undefined): Request {
  const headers = new Headers(request.headers)
  headers.delete('content-length')
  headers.set('content-type', 'application/json')
  return new Request(request.url, { method: request.method, headers, body: JSON.stringify(body ?? {}) })
}

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return Response.json(body, { status, headers })
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
