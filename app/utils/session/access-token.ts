interface AccessClaims {
  sub?: unknown
  /** Issued at, in seconds. */
  iat?: unknown
}

/** The claims of an access token, not verified: the browser got it from the auth server. Null if it is not a token. */
export function claimsOf(token: unknown): AccessClaims | null {
  const payload = typeof token === 'string' ? token.split('.')[1] : undefined
  if (!payload) return null
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/')))
    return typeof claims === 'object' ? (claims as AccessClaims | null) : null
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof DOMException) return null
    throw error
  }
}
