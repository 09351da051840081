import { z } from '#shared/schemas/zod'

/** A session of Supabase Auth, as its clients store it. */
export type AuthSession = z.output<typeof sessionSchema>

const sessionSchema = z.looseObject({
  access_token: z.string(),
  token_type: z.string(),
  expires_in: z.number(),
  expires_at: z.number(),
  refresh_token: z.string(),
  user: z.looseObject({ id: z.string() })
})
const linkSchema = z.looseObject({ hashed_token: z.string().min(1) })

/** Supabase Auth refused, or could not be reached (`status` null). */
export class AuthFailure extends Error {
  readonly status: number | null

  constructor(status: number | null, message: string) {
    super(message)
    this.status = status
  }
}

export interface AuthServer {
  url: string
  /** The publishable key, or the secret key for the admin API. */
  key: string
}

const timeoutMs = 10_000

/** Makes a link that signs in the owner of this mailbox, and adds the account if there is none. Returns the hash for `redeemLink`. */
export async function generateMagicLink(server: AuthServer, email: string): Promise<string> {
  const body = await call(server, '/admin/generate_link', { type: 'magiclink', email }, { authorization: `Bearer ${server.key}` })
  return linkSchema.parse(body).hashed_token
}

/** Redeems the hash of a mailed link. Throws `AuthFailure` for one that was used or is too old. */
export async function redeemLink(server: AuthServer, tokenHash: string): Promise<AuthSession> {
  return sessionSchema.parse(await call(server, '/verify', { type: 'email', token_hash: tokenHash }))
}

/** A new access token for a session. The token may be used again for some seconds, so two requests at once get the same session. */
export async function refreshSession(server: AuthServer, refreshToken: string): Promise<AuthSession> {
  return sessionSchema.parse(await call(server, '/token?grant_type=refresh_token', { refresh_token: refreshToken }))
}

/** Ends one session. */
export async function endSession(server: AuthServer, accessToken: string): Promise<void> {
  await call(server, '/logout?scope=local', {}, { authorization: `Bearer ${accessToken}` })
}

async function call({ url, key }: AuthServer, path: string, body: object, headers: Record<string, string> = {}): Promise<unknown> {
  const response = await fetch(`${url}/auth/v1${path}`, {
    method: 'POST',
    headers: { 'apikey': key, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(timeoutMs)
  }).catch((error: unknown) => {
    throw new AuthFailure(null, error instanceof Error ? error.message : 'Supabase Auth cannot be reached')
  })
  const text = await response.text()
  if (!response.ok) throw new AuthFailure(response.status, `Supabase Auth answered ${response.status} to ${path.split('?', 1)[0]}`)
  return text ? JSON.parse(text) : {}
}
