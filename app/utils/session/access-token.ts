interface AccessClaims {
  /** The person. */
  sub?: unknown
  /** When it was issued, in seconds. */
  iat?: unknown
}

/** What an access token says, unverified: for its holder, who has it from the auth server. Null for what is none. */
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
