import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { H3Event } from 'h3'
import { storeIdempotentResult, takeIdempotencyKey } from '../domain/idempotency'
import type { Run } from './auth'
import { runInTurn } from './turns'

/**
 * Wraps `run` for a POST with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). Each transaction of the request claims
 * the key, together with its own number, and stores its result. A repeated request gets the stored results and runs the rest of the
 * route again. Throws 400 for a key that is not 1 to 255 printable ASCII characters. The wrapped `run` throws 422 when the body differs.
 */
export function withIdempotency(event: H3Event, principal: string, run: Run): Run {
  const key = event.method === 'POST' ? getHeader(event, 'idempotency-key') : undefined
  if (key === undefined) return run
  if (!/^[\x20-\x7e]{1,255}$/.test(key))
    throw failure(400, 'invalid', 'Idempotency-Key must be 1 to 255 printable ASCII characters', {
      issues: [{ path: 'Idempotency-Key', message: 'Must be 1 to 255 printable ASCII characters' }]
    })
  let count = 0
  const nextHash = async () => {
    if (!event.context.bodyHash) await readBytes(event, maxBodyBytes) // the route may not have read it
    return sha256(JSON.stringify([principal, normalisePath(event), key, count++]))
  }
  event.context.runOnce = async (work: () => Promise<unknown>) => {
    const hash = await nextHash()
    await runInTurn(
      [{ key: `once ${hash.toString('hex')}`, max: 1 }],
      async () => {
        if (await run(db => takeIdempotencyKey(db, hash, event.context.bodyHash as Buffer))) return
        await work()
        await run(db => storeIdempotentResult(db, hash, encrypt(null, key, hash)))
      },
      () => tooManyRequests(event, 1)
    )
  }
  return async work => {
    const hash = await nextHash()
    return run(async db => {
      const stored = await takeIdempotencyKey(db, hash, event.context.bodyHash as Buffer)
      if (stored) {
        setHeader(event, 'idempotency-replayed', 'true')
        return decrypt(stored, key, hash) as Awaited<ReturnType<typeof work>>
      }
      const result = await work(db)
      await storeIdempotentResult(db, hash, encrypt(result, key, hash))
      return result
    })
  }
}

/**
 * Runs work that cannot be rolled back, such as mailing, outside of a transaction. With an Idempotency-Key, a repeated request runs it
 * only when it failed before. Two processes that get the same request at the same time may both run it.
 */
export async function runOncePerKey(event: H3Event, work: () => Promise<unknown>): Promise<void> {
  const runOnce = event.context.runOnce as ((work: () => Promise<unknown>) => Promise<void>) | undefined
  await (runOnce ? runOnce(work) : work())
}

/** Stores the hash that identifies the request of an Idempotency-Key. */
export function hashBody(event: H3Event, bytes: Buffer): void {
  if (getHeader(event, 'idempotency-key') !== undefined) event.context.bodyHash = sha256(bytes)
}

// The router ignores a slash at the end, the case of an id and the query.
function normalisePath(event: H3Event): string {
  return event.path
    .split('?', 1)[0]!
    .replace(/\/+$/, '')
    .replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi, id => id.toLowerCase())
}

// Results hold secrets that are shown once (API keys, webhook secrets, invitation tokens), so they are encrypted with the
// Idempotency-Key, of which the database has only a digest. AES-256-GCM: IV, tag, ciphertext.
function encrypt(result: unknown, key: string, salt: Buffer): Buffer {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', deriveKey(key, salt), iv)
  const text = Buffer.concat([cipher.update(JSON.stringify({ result })), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), text])
}

function decrypt(sealed: Buffer, key: string, salt: Buffer): unknown {
  const decipher = createDecipheriv('aes-256-gcm', deriveKey(key, salt), sealed.subarray(0, 12)).setAuthTag(sealed.subarray(12, 28))
  const text = Buffer.concat([decipher.update(sealed.subarray(28)), decipher.final()]).toString('utf8')
  return (JSON.parse(text) as { result?: unknown }).result
}

function deriveKey(key: string, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', key, salt, 'switchboard idempotency', 32))
}

function sha256(value: string | Buffer): Buffer {
  return createHash('sha256').update(value).digest()
}
