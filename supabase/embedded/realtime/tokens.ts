import { createHash, timingSafeEqual } from 'node:crypto'
import { errors, jwtVerify } from 'jose'
import type { JWTPayload } from 'jose'

/** The claims of a verified token, for which a channel acts. */
export interface Identity {
  role: string
  claims: JWTPayload
  claimsJson: string
  /** Equal for tokens that differ only in iat, exp and jti, so that one database check serves all of them. */
  group: string
  /** Seconds since the epoch; null for an API key that is not a JWT. */
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

/** The roles that a client can act as. The server connects as a superuser, who can switch to any role, so others are refused. */
export const apiRoles = new Set(['anon', 'authenticated', 'service_role'])

const perTokenClaims = new Set(['iat', 'exp', 'jti'])

/** Verifies tokens and API keys. The error messages are Supabase Realtime's. */
export class Tokens {
  readonly #secret: Uint8Array
  readonly #keys: TokenKeys

  constructor(keys: TokenKeys) {
    this.#keys = keys
    this.#secret = new TextEncoder().encode(keys.jwtSecret)
  }

  /** @throws TokenError */
  async verifyApiKey(key: string): Promise<Identity> {
    if (isSameKey(key, this.#keys.publishableKey)) return createIdentity({ role: 'anon' })
    if (isSameKey(key, this.#keys.secretKey)) return createIdentity({ role: 'service_role' })
    return this.verify(key)
  }

  /** @throws TokenError */
  async verify(token: string): Promise<Identity> {
    let claims: JWTPayload
    try {
      claims = (await jwtVerify(token, this.#secret, { algorithms: ['HS256', 'HS384', 'HS512'] })).payload
    } catch (error) {
      throw toTokenError(error)
    }
    if (claims.exp === undefined || typeof claims.role !== 'string') {
      throw new TokenError('InvalidJWTToken', 'Fields `role` and `exp` are required in JWT')
    }
    return createIdentity(claims)
  }
}

export function expiryError(expiresAt: number): TokenError {
  return new TokenError('InvalidJWTToken', `Token has expired ${Math.max(0, Math.floor(Date.now() / 1000 - expiresAt))} seconds ago`)
}

function createIdentity(claims: JWTPayload): Identity {
  const role = String(claims.role)
  const stableClaims = Object.entries(claims)
    .filter(([name]) => !perTokenClaims.has(name))
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return {
    role,
    claims,
    claimsJson: JSON.stringify(claims),
    group: JSON.stringify(stableClaims),
    expiresAt: claims.exp ?? null
  }
}

function toTokenError(error: unknown): TokenError {
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

function isSameKey(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
