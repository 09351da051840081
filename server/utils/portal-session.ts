import { combineChunks, createChunks } from '@supabase/ssr'
import type { H3Event } from 'h3'
import { z } from '#shared/schemas/zod'
import type { Claims } from '../db/identity'
import { AuthFailure, refreshSession, type AuthServer, type AuthSession } from '../adapters/auth'

/** The cookie of a ticket session. Scripts cannot read it. */
export const ticketCookie = 'sb-switchboard-ticket'

const ticketSessionDays = 30
const accountDays = 30 // as app/plugins/session-cookie.ts
const refreshing = new Map<string, Promise<AuthSession>>()
const keepRefreshMs = 5_000
const storedSession = z.looseObject({ access_token: z.string(), refresh_token: z.string() })

export function authServer(kind: 'public' | 'admin' = 'public'): AuthServer {
  const {
    supabase: { secretKey },
    public: { supabase }
  } = useRuntimeConfig()
  return { url: supabase.url, key: kind === 'admin' ? secretKey : supabase.key }
}

/** The secret of the ticket session that this browser holds. */
export function ticketSecret(event: H3Event): string | undefined {
  const secret = getCookie(event, ticketCookie)
  return secret && /^[\w-]{43}$/.test(secret) ? secret : undefined
}

export function setTicketCookie(event: H3Event, secret: string): void {
  setCookie(event, ticketCookie, secret, { ...cookieOptions(), httpOnly: true, maxAge: ticketSessionDays * 86_400 })
}

export function deleteTicketCookie(event: H3Event): void {
  deleteCookie(event, ticketCookie, { ...cookieOptions(), httpOnly: true })
}

/**
 * The claims of the account that is signed in, or null. Refreshes a session whose access token has expired, because a page without
 * scripts cannot. Throws 503 when Supabase Auth cannot be reached.
 */
export async function getPortalClaims(event: H3Event): Promise<Claims | null> {
  const claims = await getClaims(event)
  if (claims) return claims
  const stored = await readSession(event)
  if (!stored) return null
  try {
    storeSession(event, await refreshOnce(stored.refresh_token))
  } catch (error) {
    if (!(error instanceof AuthFailure)) throw error
    if (error.status === null || error.status === 429 || error.status >= 500)
      throw failure(503, 'unavailable', 'Sign-in cannot be checked at the moment')
    return null // the session has ended
  }
  return getClaims(event)
}

/** The session in the cookies of the request, not verified. */
export async function readSession(event: H3Event): Promise<z.output<typeof storedSession> | null> {
  const jar = parseCookies(event)
  const value = await combineChunks(cookieName(), name => jar[name])
  if (!value) return null
  try {
    const json = value.startsWith('base64-') ? Buffer.from(value.slice(7), 'base64url').toString('utf8') : value
    return storedSession.safeParse(JSON.parse(json)).data ?? null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Writes the cookies as @supabase/ssr does, so that the app continues the session. The rest of this request reads the new ones. */
export function storeSession(event: H3Event, session: AuthSession): void {
  const value = `base64-${Buffer.from(JSON.stringify(session)).toString('base64url')}`
  writeCookies(event, createChunks(cookieName(), value))
}

/** Removes the cookies of the account. */
export function forgetSession(event: H3Event): void {
  writeCookies(event, [])
}

/**
 * Takes the account's cookies out of the request. What renders a page of the portal does not need them, and the plugin of
 * @nuxtjs/supabase would ask Supabase Auth about them.
 */
export function hideSession(event: H3Event): void {
  const kept = Object.entries(parseCookies(event)).filter(([key]) => !isSessionCookie(key))
  setRequestCookies(event, kept)
}

function writeCookies(event: H3Event, chunks: { name: string; value: string }[]): void {
  const values = new Map(chunks.map(chunk => [chunk.name, chunk.value]))
  const jar = Object.entries(parseCookies(event))
  const isOld = (key: string) => isSessionCookie(key) && !values.has(key)
  for (const [key] of jar) if (isOld(key)) deleteCookie(event, key, cookieOptions())
  for (const [key, value] of values) setCookie(event, key, value, { ...cookieOptions(), maxAge: accountDays * 86_400 })
  const kept = jar.filter(([key]) => !isOld(key) && !values.has(key))
  setRequestCookies(event, [...kept, ...values])
}

function setRequestCookies(event: H3Event, cookies: [name: string, value: string][]): void {
  event.node.req.headers.cookie = cookies.map(([key, value]) => `${key}=${encodeURIComponent(value)}`).join('; ')
}

function isSessionCookie(key: string): boolean {
  const name = cookieName()
  return key === name || key.startsWith(`${name}.`)
}

// Several requests of a browser find the same expired token.
function refreshOnce(refreshToken: string): Promise<AuthSession> {
  const known = refreshing.get(refreshToken)
  if (known) return known
  const session = refreshSession(authServer(), refreshToken)
  refreshing.set(refreshToken, session)
  setTimeout(() => refreshing.delete(refreshToken), keepRefreshMs).unref()
  return session
}

function cookieName(): string {
  return useRuntimeConfig().public.supabase.cookiePrefix
}

function cookieOptions() {
  return { path: '/', sameSite: 'lax', secure: useRuntimeConfig().public.siteUrl.startsWith('https:') } as const
}
