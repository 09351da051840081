import { createAuthAdmin } from './auth-admin.ts'
import { AuthError, createAuthContext, json, refuseWhen, requested, type AuthOptions, type Body } from './auth-context.ts'
import { createAuthLinks } from './auth-links.ts'
import { createAuthSessions } from './auth-sessions.ts'
import { networkOf } from '../../network/address.ts'

const maxBodyBytes = 64 * 1024

/**
 * The GoTrue endpoints under /auth/v1: the auth server of `@supabase/lite`, behind what hosted Supabase has and it
 * lacks. Rate limits; answers that do not tell whether an address has an account; a magic link for a new address
 * confirms it first; an unconfirmed account keeps the password of whoever signed up first, also after it is confirmed (the
 * migrations mend that, for hosted as well: private.tg_auth_users__prove_address); a password change asks for the current
 * one and ends the other sessions; mail links are consumed by POST only.
 */
export function createAuth(options: AuthOptions): (request: Request, ip: string) => Promise<Response> {
  const { app, sql, limits, mails } = options
  const context = createAuthContext(options)
  const { jwtKey, linkFor } = context
  const administer = createAuthAdmin({ sql, secretKey: options.secretKey, jwtKey })
  const { signUp, sendOtp, recover, resend } = createAuthLinks(context)
  const { token, verify, updateUser, refuseBanned } = createAuthSessions(context)

  app._mailer = {
    sendConfirmation: async (to, token) => mails.send('signup', to, linkFor(token)),
    sendMagicLink: async (to, token) => mails.send('magiclink', to, linkFor(token)),
    sendRecovery: async (to, token) => mails.send('recovery', to, linkFor(token)),
    sendEmailChange: async (to, token) => mails.send('email_change', to, linkFor(token)),
    sendReauthentication: async () => {
      throw new Error('Reauthentication by code is not offered')
    }
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

/** The path behind `redirect_to` when that is the whole address of a page of this site, to be opened after the confirmation. */
function nextPath(redirectTo: string | null, siteUrl: string): string | null {
  const { origin } = new URL(siteUrl)
  // Parsers drop tabs and line breaks and read "\\" as "/".
  if (!redirectTo?.startsWith(`${origin}/`) || /[\s\\]|\p{Cc}/u.test(redirectTo) || !URL.canParse(redirectTo)) return null
  const url = new URL(redirectTo)
  if (url.origin !== origin || url.pathname === '/' || url.pathname.startsWith('//') || url.pathname.startsWith('/auth/')) return null
  return url.pathname + url.search
}
