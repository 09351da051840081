import type { H3Event } from 'h3'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { apiKey as schema } from '#shared/schemas/api-key'
import { useApiKey, type KeyUse } from '../domain/api-key'
import { digest } from '../domain/secret'

// Unknown keys of one network in a minute, counted by each process. 256 random bits protect a key; this stops programs that go on
// with an old one. Known keys do not count, so that a guesser blocks nobody behind the same proxy.
const failures = new RateLimiterMemory({ points: 60, duration: 60 })

// Caches by the digest of a key: unknown, known, and beyond its rate. A known key is still looked up, so that revoking it works at
// once; knowing it only exempts it from the limit of guesses.
const unknownKeys = new Recent<true>(10_000)
const knownKeys = new Recent<true>(10_000)
const spentKeys = new Recent<KeyUse>(10_000)
const rememberMs = { unknown: 5_000, known: 600_000 }

// As in private.use_api_key().
const rate = { amount: 600, seconds: 60, burst: 100 }

/**
 * The key of `X-Api-Key`, null without the header. Sets the rate-limit headers. Throws 400 `two_identities` beside a session, 401
 * for a key that is unknown, revoked or expired, and 429 beyond its rate, for a network that sent 60 unknown keys in a minute, and,
 * before Postgres is asked, for a network with too many keys that this process does not know.
 */
export async function getApiKey(event: H3Event): Promise<KeyUse | null> {
  const sent = getHeader(event, 'x-api-key')
  if (sent === undefined) return null
  if (hasSession(event)) throw failure(400, 'two_identities', 'Send either X-Api-Key or a session, not both')
  setHeader(event, 'cache-control', 'no-store')
  const key = schema.safeParse(sent)
  const use = key.success ? await lookUp(event, key.data) : undefined
  if (!use) throw await unknownKey(event)
  setLimitHeaders(event, rate, use.remaining, use.reset)
  if (use.wait !== null) throw tooMany(event, use.wait)
  return use
}

/** Throws as `getApiKey`, and 401 without a key. */
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

async function unknownKey(event: H3Event) {
  try {
    await failures.consume(clientNetwork(event))
    return failure(401, 'unknown_key', 'This API key is not valid, or not any more')
  } catch (error) {
    if (!(error instanceof RateLimiterRes)) throw error
    return tooMany(event, error.msBeforeNext / 1000)
  }
}
