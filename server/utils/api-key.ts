import type { H3Event } from 'h3'
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible'
import { apiKey as schema } from '#shared/schemas/api-key'
import { useApiKey, type KeyUse } from '../domain/api-key'
import { digest } from '../domain/secret'

// Unknown keys from one address (a /64 of IPv6) within a minute. 256 random bits are what keeps a key from being guessed;
// this is what keeps the log of a proxy readable, and programs with an old key from going on for ever. Counted in the
// memory of each process. Keys that are known are never counted: one who guesses takes nothing from those behind the same proxy.
const failures = new RateLimiterMemory({ points: 60, duration: 60 })

// What this process remembers, by the digest of a key: that there is none, that there was one, and that one is beyond its rate.
// A known key is looked up all the same, so that it ends at once; it is no guess, and does not count as one.
const unknownKeys = new Recent<true>(10_000)
const knownKeys = new Recent<true>(10_000)
const spentKeys = new Recent<KeyUse>(10_000)
const rememberMs = { unknown: 5_000, known: 600_000 }

// The numbers are those of private.use_api_key().
const rate = { amount: 600, seconds: 60, burst: 100 }

/**
 * The key of `X-Api-Key`, null without the header. Every answer from here on says what is left of its rate. Throws 400
 * `two_identities` beside a session, 401 for a key that is unknown, revoked or expired, 429 beyond its rate, for
 * who has sent 60 unknown ones in a minute, and, before Postgres is asked, for a network of too many keys that are not known yet.
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
