import { createHash, randomBytes } from 'node:crypto'

/** 256 random bits, as a text for addresses and headers. It goes to its holder and nowhere else. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

/** What the database keeps of a secret: its SHA-256. So many random bits need neither salt nor a slow digest. */
export function digest(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}
