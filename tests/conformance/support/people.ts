import { randomUUID } from 'node:crypto'
import { SignJWT } from 'jose'
import type { JWTPayload } from 'jose'
import type { Backend } from './backend.ts'

export interface Person {
  id: string
  token: string
}

/** Creates a user id with a signed access token. Policies can read the claims, such as `team`. */
export async function createPerson(backend: Backend, claims: JWTPayload = {}): Promise<Person> {
  const id = typeof claims.sub === 'string' ? claims.sub : randomUUID()
  return { id, token: await sign(backend, { role: 'authenticated', aud: 'authenticated', sub: id, ...claims }) }
}

/** Signs a token with the project's secret. It expires after an hour unless `claims` has an `exp`. */
export async function sign(backend: Backend, claims: JWTPayload, secret = backend.jwtSecret): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  return new SignJWT({ iat: now, exp: now + 3600, jti: randomUUID(), ...claims })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .sign(new TextEncoder().encode(secret))
}
