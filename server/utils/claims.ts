import { combineChunks } from '@supabase/ssr'
import type { H3Event } from 'h3'
import { createRemoteJWKSet, decodeProtectedHeader, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'
import { uuid } from '#shared/schemas/text'
import type { Claims } from '../db/identity'

const keySets = new Map<string, JWTVerifyGetKey>()

/**
 * The verified claims of the session cookie or of `Authorization: Bearer`, or null. Verifies locally, with the shared secret (HS256) or
 * the project's published keys. The token decides which: a project that moves from one to the other has tokens of both kinds. Throws
 * 503 when the keys cannot be fetched.
 */
export async function getClaims(event: H3Event): Promise<Claims | null> {
  const token = bearerToken(event) ?? (await cookieToken(event))
  if (!token) return null
  try {
    const payload = await verify(token)
    // Storage signs its URLs with the same secret. Only a person's token has this audience, a UUID as subject, and a session.
    const isPerson =
      uuid.safeParse(payload.sub).success &&
      uuid.safeParse(payload.session_id).success &&
      payload.role === 'authenticated' &&
      payload.is_anonymous !== true
    return isPerson ? (payload as Claims & JWTPayload) : null
  } catch (error) {
    if (isUnreachable(error)) throw failure(503, 'unavailable', 'Sign-in cannot be checked at the moment')
    if (error instanceof errors.JOSEError) return null
    throw error
  }
}

/** Whether the request carries a session, valid or not. */
export function hasSession(event: H3Event): boolean {
  const name = useRuntimeConfig().public.supabase.cookiePrefix
  const jar = parseCookies(event)
  return bearerToken(event) !== undefined || Boolean(jar[name] || jar[`${name}.0`])
}

async function verify(token: string): Promise<JWTPayload> {
  const {
    jwtSecret,
    jwtIssuer,
    public: {
      supabase: { url }
    }
  } = useRuntimeConfig()
  const expected = { audience: 'authenticated', requiredClaims: ['sub', 'exp'] }
  const algorithm = algorithmOf(token)
  if (jwtSecret && algorithm === 'HS256') {
    return (await jwtVerify(token, new TextEncoder().encode(jwtSecret), { ...expected, algorithms: ['HS256'] })).payload
  }
  const keys =
    keySets.get(url) ??
    createRemoteJWKSet(new URL(`${url}/auth/v1/.well-known/jwks.json`), { cooldownDuration: 1_000, cacheMaxAge: 600_000 })
  keySets.set(url, keys)
  const issuer = jwtIssuer === 'any' ? undefined : jwtIssuer || `${url}/auth/v1`
  return (await jwtVerify(token, keys, { ...expected, issuer, algorithms: ['ES256', 'RS256', 'EdDSA'] })).payload
}

function algorithmOf(token: string): string | undefined {
  try {
    return decodeProtectedHeader(token).alg
  } catch {
    throw new errors.JWTInvalid('This is not a token')
  }
}

// The errors that jose throws when the key set cannot be fetched or parsed. For a status other than 200 it has no class, only a code.
function isUnreachable(error: unknown): boolean {
  return (
    error instanceof TypeError ||
    error instanceof errors.JWKSTimeout ||
    error instanceof errors.JWKSInvalid ||
    (error instanceof errors.JOSEError && error.code === 'ERR_JOSE_GENERIC')
  )
}

function bearerToken(event: H3Event): string | undefined {
  return /^Bearer (\S+)$/i.exec(getHeader(event, 'authorization') ?? '')?.[1]
}

// The session as @supabase/ssr stores it: `base64-` and base64url of its JSON, in one cookie or in numbered chunks.
async function cookieToken(event: H3Event): Promise<string | undefined> {
  const jar = parseCookies(event)
  const value = await combineChunks(useRuntimeConfig().public.supabase.cookiePrefix, name => jar[name])
  if (!value) return
  refuseForeignSites(event)
  try {
    const session = JSON.parse(value.startsWith('base64-') ? Buffer.from(value.slice(7), 'base64url').toString('utf8') : value) as {
      access_token?: unknown
    }
    return typeof session.access_token === 'string' ? session.access_token : undefined
  } catch {
    return // not a session
  }
}

// Browsers also send cookies with requests that other sites cause. Such requests may not write, nor download: the audit log has downloads.
/** Throws 403 for a request that another site caused and that writes or downloads. */
export function refuseForeignSites(event: H3Event) {
  if ((event.method === 'GET' || event.method === 'HEAD') && !isDownload(event)) return
  const site = getHeader(event, 'sec-fetch-site')
  // Browsers without Sec-Fetch-Site send Referer when a link is followed, unless its page forbids that.
  const origin = getHeader(event, 'origin') ?? (event.method === 'GET' ? getHeader(event, 'referer') : undefined)
  const foreign = site ? site !== 'same-origin' && site !== 'none' : origin !== undefined && originHost(origin) !== getHeader(event, 'host')
  if (foreign) throw failure(403, 'foreign_origin', 'This request came from another site')
}

function originHost(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}
