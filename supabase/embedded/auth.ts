import { createAuthAdmin } from './auth-admin.ts'
import { createLinkGenerator } from './auth-admin-links.ts'
import { AuthError, createAuthContext, json, refuseIfLimited, requestStore, type AuthOptions, type Body } from './auth-context.ts'
import { createAuthLinks } from './auth-links.ts'
import { createAuthSessions } from './auth-sessions.ts'
import { networkOf } from '../../network/address.ts'

const maxBodyBytes = 64 * 1024

/**
 * Serves the GoTrue endpoints under /auth/v1. `@supabase/lite` does the work; this layer adds what hosted Supabase has
 * and the package lacks:
 * - rate limits;
 * - answers that do not reveal whether an address has an account;
 * - a magic link for a new address creates an unconfirmed account, and the link confirms it;
 * - an unconfirmed account keeps the password of its first sign-up, even after the confirmation. The migrations end that
 *   password on hosted and here: private.tg_auth_users__prove_address;
 * - a password change requires the current password and ends the other sessions.
 *
 * Unlike GoTrue it does not serve GET /verify: a mail scanner that opens a link must not consume it.
 */
export function createAuth(options: AuthOptions): (request: Request, ip: string) => Promise<Response> {
  const { app, sql, limits, mails } = options
  const context = createAuthContext(options)
  const { jwtKey, buildLink } = context
  const handleAdminRequest = createAuthAdmin({
    sql,
    secretKey: options.secretKey,
    jwtKey,
    readJson,
    generateLink: createLinkGenerator(context)
  })
  const { signUp, sendOtp, recover, resend } = createAuthLinks(context)
  const { token, verify, updateUser, refuseBanned } = createAuthSessions(context)

  app._mailer = {
    sendConfirmation: async (to, token) => mails.send('signup', to, buildLink(token)),
    sendMagicLink: async (to, token) => mails.send('magiclink', to, buildLink(token)),
    sendRecovery: async (to, token) => mails.send('recovery', to, buildLink(token)),
    sendEmailChange: async (to, token) => mails.send('email_change', to, buildLink(token)),
    sendReauthentication: async () => {
      throw new Error('The embedded auth server does not support reauthentication by code')
    }
  }

  // The routes that GoTrue's router puts behind limitHandler() (internal/api/api.go). token() limits refreshes itself.
  const rateLimitedRoutes = new Set(['POST /signup', 'POST /otp', 'POST /recover', 'POST /resend', 'POST /verify', 'PUT /user'])
  const routes: Record<string, (request: Request, body: Body, network: string) => Promise<Response>> = {
    'POST /signup': signUp,
    'POST /otp': sendOtp,
    'POST /recover': recover,
    'POST /resend': resend,
    'POST /token': token,
    'POST /verify': verify,
    'PUT /user': updateUser
  }
  const sessionRoutes = new Set(['GET /user', 'PUT /user', 'POST /logout'])
  const forwardedRoutes = new Set([
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
      if (sessionRoutes.has(route)) await refuseBanned(request)
      // Without a scope GoTrue ends all sessions of the user; the package ends only the calling one.
      if (route === 'POST /logout' && !url.searchParams.get('scope')) url.searchParams.set('scope', 'global')
      if (forwardedRoutes.has(route)) return await app.fetch(new Request(url, request))
      const adminResponse = await handleAdminRequest(request, url.pathname.replace(/^\/auth\/v1/, ''))
      if (adminResponse) return adminResponse
      const handler = routes[route]
      if (!handler) return json(404, { code: 404, error_code: 'not_found', msg: 'The embedded auth server does not serve this path' })
      const network = networkOf(ip)
      if (rateLimitedRoutes.has(route)) refuseIfLimited(await limits.requests.spend(`${route} ${network}`), 'Request rate limit reached')
      const body = await readJson(request)
      return await requestStore.run({ next: nextPath(url.searchParams.get('redirect_to'), options.siteUrl) }, () =>
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
  // Postgres cannot store NUL or a lone surrogate.
  if (/(?<!\\)(\\\\)*\\u(0000|d[89a-f][0-9a-f]{2})/i.test(JSON.stringify(body)))
    throw new AuthError(400, 'validation_failed', 'The request body contains characters that cannot be stored')
  return body as Body
}

/** The path and query of `redirect_to`, or null unless it is the absolute URL of a page of this site. Pages of /auth are excluded. */
function nextPath(redirectTo: string | null, siteUrl: string): string | null {
  const { origin } = new URL(siteUrl)
  // URL parsers drop tabs and line breaks and read "\\" as "/".
  if (!redirectTo?.startsWith(`${origin}/`) || /[\s\\]|\p{Cc}/u.test(redirectTo) || !URL.canParse(redirectTo)) return null
  const url = new URL(redirectTo)
  if (url.origin !== origin || url.pathname === '/' || url.pathname.startsWith('//') || url.pathname.startsWith('/auth/')) return null
  return url.pathname + url.search
}
