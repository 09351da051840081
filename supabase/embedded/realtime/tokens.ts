import { createHash, timingSafeEqual } from 'node:crypto'
import { errors, jwtVerify } from 'jose'
import type { JWTPayload } from 'jose'

/** Who a channel acts as: the claims of a verified token. */
export interface Identity {
  role: string
  claims: JWTPayload
  claimsJson: string
  /** Same for tokens that differ only in when they were issued, so that one database check serves them all. */
  group: string
  /** Seconds since the epoch; null for an API key that is no token. */
  expiresAt: number | null
}

export class TokenError extends Error {
  readonly code: string

  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

export interface TokenKeys {
  jwtSecret: string
  publishableKey: string
  secretKey: string
}

/** The roles a client can act as; any other role of a token is refused. */
export const apiRoles = new Set(['anon', 'authenticated', 'service_role'])

const perToken = new Set(['iat', 'exp', 'jti'])

/** Verifies tokens and API keys. The errors' texts are the ones Supabase Realtime answers with. */
export class Tokens {
  readonly #secret: Uint8Array
  readonly #keys: TokenKeys

  constructor(keys: TokenKeys) {
    this.#keys = keys
    this.#secret = new TextEncoder().encode(keys.jwtSecret)
  }

  /** @throws TokenError */
  async verifyApiKey(key: string): Promise<Identity> {
    if (isSame(key, this.#keys.publishableKey)) return identityOf({ role: 'anon' })
    if (isSame(key, this.#keys.secretKey)) return identityOf({ role: 'service_role' })
    return this.verify(key)
  }

  /** @throws TokenError */
  async verify(token: string): Promise<Identity> {
    let claims: JWTPayload
    try {
      claims = (await jwtVerify(token, this.#secret, { algorithms: ['HS256', 'HS384', 'HS512'] })).payload
    } catch (error) {
      throw tokenErrorOf(error)
    }
    if (claims.exp === undefined || typeof claims.role !== 'string') {
      throw new TokenError('InvalidJWTToken', 'Fields `role` and `exp` are required in JWT')
    }
    return identityOf(claims)
  }
}

export function expiryError(expiresAt: number): TokenError {
  return new TokenError('InvalidJWTToken', `Token has expired ${Math.max(0, Math.floor(Date.now() / 1000 - expiresAt))} seconds ago`)
}

function identityOf(claims: JWTPayload): Identity {
  const role = String(claims.role)
  const lasting = Object.entries(claims)
    .filter(([name]) => !perToken.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    role,
    claims,
    claimsJson: JSON.stringify(claims),
    group: JSON.stringify(lasting),
    expiresAt: claims.exp ?? null
  }
}

function tokenErrorOf(error: unknown): TokenError {
  if (error instanceof errors.JWTExpired) return expiryError(Number(error.payload.exp))
  if (error instanceof errors.JWSSignatureVerificationFailed) {
    return new TokenError('JwtSignatureError', 'Failed to validate JWT signature')
  }
  if (error instanceof errors.JOSEAlgNotAllowed) return new TokenError('JwtSignerError', 'Failed to generate JWT signer')
  if (error instanceof errors.JWTClaimValidationFailed && error.claim === 'exp') {
    return new TokenError('InvalidJWTToken', 'Token expiration time is invalid')
  }
  return new TokenError('MalformedJWT', 'The token provided is not a valid JWT')
}

function isSame(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
