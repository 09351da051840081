import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits as text for URLs and headers. Give it to its holder only, and store its digest. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** The SHA-256 that the database stores. 256 random bits need neither a salt nor a slow hash. */
export function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
