import type { H3Event } from 'h3'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { apiKey as schema } from '#shared/schemas/api-key'
import { useApiKey, type KeyUse } from '../domain/api-key'
import { digest } from '../domain/secret'

// Unknown keys per network and minute, counted by each process. This stops programs that keep sending an old key; guessing 256 random
// bits is hopeless anyway. Known keys do not count, so that other users of the same proxy are not blocked.
const failures = new RateLimiterMemory({ points: 60, duration: 60 })

// Caches by digest: keys that are unknown, known, or over their rate. A known key is still looked up each time, so that revoking it
// works at once; it is only exempt from the limit of unknown keys.
const unknownKeys = new Recent<true>(10_000)
const knownKeys = new Recent<true>(10_000)
const spentKeys = new Recent<KeyUse>(10_000)
const rememberMs = { unknown: 5_000, known: 600_000 }

// The same as in private.use_api_key().
const rate = { amount: 600, seconds: 60, burst: 100 }

/**
 * The key of `X-Api-Key`; null without the header. Sets the rate-limit headers. Throws 400 `two_identities` beside a session, and 401
 * for a key that is unknown, revoked or expired. Throws 429 for a key over its rate, for a network that sent 60 unknown keys in a
 * minute, and, before it asks Postgres, for a network with too many keys that this process has not seen.
 */
export async function getApiKey(event: H3Event): Promise<KeyUse | null> {
  const sent = getHeader(event, 'x-api-key')
  if (sent === undefined) return null
  if (hasSession(event)) throw failure(400, 'two_identities', 'Send either X-Api-Key or a session, not both')
  setHeader(event, 'cache-control', 'no-store')
  const key = schema.safeParse(sent)
  const use = key.success ? await lookUp(event, key.data) : undefined
  if (!use) throw await unknownKeyError(event)
  setLimitHeaders(event, rate, use.remaining, use.reset)
  if (use.wait !== null) throw tooManyRequests(event, use.wait)
  return use
}

/** Throws like `getApiKey`, and 401 without a key. */
export async function requireApiKey(event: H3Event): Promise<KeyUse> {
  const key = (await getCaller(event)).key
  if (!key) throw failure(401, 'unknown_key', 'Send an API key as X-Api-Key')
  return key
}

async function lookUp(event: H3Event, key: string): Promise<KeyUse | undefined> {
  const hash = digest(key).toString('base64')
  if (unknownKeys.get(hash)) return
  const spent = spentKeys.get(hash)
  if (spent) return spent
  if (!knownKeys.get(hash)) await countRequest(event, 'unknownKeys', clientNetwork(event))
  const use = await asAnonymous(tx => useApiKey(tx, key))
  if (!use) {
    knownKeys.delete(hash)
    unknownKeys.set(hash, true, rememberMs.unknown)
    return
  }
  knownKeys.set(hash, true, rememberMs.known)
  if (use.wait !== null) spentKeys.set(hash, use, use.wait * 1000)
  return use
}

async function unknownKeyError(event: H3Event) {
  try {
    await failures.consume(clientNetwork(event))
    return failure(401, 'unknown_key', 'This API key is unknown, revoked or expired')
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    return tooManyRequests(event, error.msBeforeNext / 1000)
  }
}
