import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto'
import type { H3Event } from 'h3'
import { storeIdempotentResult, takeIdempotencyKey } from '../domain/idempotency'
import type { Run } from './auth'
import { runInTurn } from './turns'

/**
 * The caller's `run`, which stores its results for a POST with an `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header). Each
 * transaction takes the key, under its number in the request, and stores its result. A repetition gets the stored results and runs
 * the rest of the route again. Throws 400 for a key that is not 1 to 255 printable ASCII characters; the work throws 422 where the
 * body has changed.
 */
export function rememberAnswers(event: H3Event, principal: string, run: Run): Run {
  const key = event.method === 'POST' ? getHeader(event, 'idempotency-key') : undefined
  if (key === undefined) return run
  if (!/^[\x20-\x7e]{1,255}$/.test(key))
    throw failure(400, 'invalid', 'Idempotency-Key takes 1 to 255 printable ASCII characters', {
      issues: [{ path: 'Idempotency-Key', message: 'Not 1 to 255 printable ASCII characters' }]
    })
  let count = 0
  const nextHash = async () => {
    if (!event.context.bodyHash) await readBytes(event, maxBodyBytes) // a route may not read it, and another body is another request
    return sha256(JSON.stringify([principal, addressOf(event), key, count++]))
  }
  event.context.once = async (work: () => Promise<unknown>) => {
    const hash = await nextHash()
    await runInTurn(
      [{ key: `once ${hash.toString('hex')}`, most: 1 }],
      async () => {
        if (await run(db => takeIdempotencyKey(db, hash, event.context.bodyHash as Buffer))) return
        await work()
        await run(db => storeIdempotentResult(db, hash, seal(null, key, hash)))
      },
      () => tooMany(event, 1)
    )
  }
  return async work => {
    const hash = await nextHash()
    return run(async db => {
      const stored = await takeIdempotencyKey(db, hash, event.context.bodyHash as Buffer)
      if (stored) {
        setHeader(event, 'idempotency-replayed', 'true')
        return open(stored, key, hash) as Awaited<ReturnType<typeof work>>
      }
      const result = await work(db)
      await storeIdempotentResult(db, hash, seal(result, key, hash))
      return result
    })
  }
}

/**
 * Runs work that cannot be rolled back, such as mailing, outside of a transaction. Under an Idempotency-Key a repetition runs it only
 * where it failed before. Two processes that get the same request at once may both run it.
 */
export async function onceUnderKey(event: H3Event, work: () => Promise<unknown>): Promise<void> {
  const once = event.context.once as ((work: () => Promise<unknown>) => Promise<void>) | undefined
  await (once ? once(work) : work())
}

export function rememberBody(event: H3Event, bytes: Buffer): void {
  if (getHeader(event, 'idempotency-key') !== undefined) event.context.bodyHash = sha256(bytes)
}

// As the router reads it: a slash at the end, the case of an id and the query make no difference.
function addressOf(event: H3Event): string {
  return event.path
    .split('?', 1)[0]!
    .replace(/\/+$/, '')
    .replace(/[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/gi, id => id.toLowerCase())
}

// Results hold secrets that are shown once (API keys, secrets of webhooks, tokens of invitations), so they are encrypted with the
// Idempotency-Key, of which the database has a digest. AES-256-GCM: IV, tag, text.
function seal(result: unknown, key: string, salt: Buffer): Buffer {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', deriveKey(key, salt), iv)
  const text = Buffer.concat([cipher.update(JSON.stringify({ result })), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), text])
}

function open(sealed: Buffer, key: string, salt: Buffer): unknown {
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
