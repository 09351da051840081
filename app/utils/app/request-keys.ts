import { serverNow } from './server-time'

interface Entry {
  key: string
  path: string
  /** Server time of the first attempt, in milliseconds. */
  at: number
  /** Fields of the first attempt that every retry repeats. */
  pinned: Record<string, unknown>
}

/** A POST with its key; a retry repeats the key and the bytes of the first attempt. */
export interface KeyedRequest {
  key: string
  body: unknown
}

// The server stores a key for 24 hours; one hour is left for a first attempt that is still running.
const textLifetimeMs = 23 * 3_600_000
// A request without text (a bulk operation, an undo, a test) is a retry within this time, and a new request afterwards.
const retryWindowMs = 180_000
// Paths that create something from text that somebody typed.
const textPaths =
  /^\/api\/(?:teams|ratings\/[^/]+|teams\/[^/]+\/(?:tickets|tickets\/[^/]+\/(?:replies|participants)|contacts|contacts\/[^/]+\/addresses|organizations|projects|calendars|sla-policies|articles|article-categories|canned-responses|saved-views|invitations|api-keys|webhooks|cti\/\w+))$/
const maxEntries = 50
const storageKey = (person: string) => `requests:${person}`
const isSecret = (field: string) => /password|secret/i.test(field)

// Fallback if nothing can be stored: retries on this page still repeat their key.
const memory = new Map<string, Record<string, Entry>>()

/**
 * Returns the Idempotency-Key of a POST by `person` ('' is a guest): a new one for a new text, and the previous one while the
 * outcome of the previous attempt is unknown. `pinned` names fields that are not part of the text and may differ in a retry.
 */
export function keyRequest(person: string, path: string, body: unknown, pinned: readonly string[] = []): KeyedRequest {
  const name = fingerprint(path, body, pinned)
  const entries = read(person)
  const [text, volatile] = split(body, pinned)
  const entry = entries[name] ?? { key: newRequestKey(), path, at: serverNow(), pinned: volatile }
  if (!entries[name]) write(person, { ...entries, [name]: entry })
  return { key: entry.key, body: pinned.length ? { ...text, ...entry.pinned } : body }
}

/** Deletes the key of a POST whose outcome is known: the same text sent again is a new request. */
export function settleRequest(person: string, path: string, body: unknown, pinned: readonly string[] = []): void {
  const name = fingerprint(path, body, pinned)
  const { [name]: settled, ...others } = read(person)
  if (settled) write(person, others)
}

/** Deletes the keys of POSTs to `path`, which will not be retried. */
export function abandonRequests(person: string, path: string): void {
  const entries = Object.entries(read(person))
  const others = entries.filter(([, entry]) => entry.path !== path)
  if (others.length < entries.length) write(person, Object.fromEntries(others))
}

/** Whether the request may or may not have been processed: no response, or a status that does not tell. */
export function isOutcomeUnknown(status: number | null): boolean {
  return status === null || status >= 500 || [401, 408, 425, 429].includes(status)
}

/** Deletes the keys of everybody but `person` from memory. */
export function forgetRequestsOfOthers(person: string): void {
  for (const other of memory.keys()) if (other !== person) memory.delete(other)
}

function fingerprint(path: string, body: unknown, pinned: readonly string[]): string {
  // A secret is not stored, not even as a digest: a retry with another secret gets 422 and then a new key.
  const text = JSON.stringify([path, body ?? null], (field, value: unknown) =>
    pinned.includes(field) || isSecret(field) ? undefined : value
  )
  return digest(text, 0) + digest(text, 1)
}

function read(person: string): Record<string, Entry> {
  const entries = { ...memory.get(person), ...readStored(person) }
  return Object.fromEntries(
    Object.entries(entries).filter(
      ([, { at, path }]) => Math.abs(serverNow() - at) < (textPaths.test(path) ? textLifetimeMs : retryWindowMs)
    )
  )
}

function readStored(person: string): Record<string, Entry> {
  const text = localStorage.getItem(storageKey(person))
  if (!text) return {}
  try {
    const value: unknown = JSON.parse(text)
    return isRecord(value) ? (value as Record<string, Entry>) : {}
  } catch (error) {
    if (error instanceof SyntaxError) return {}
    throw error
  }
}

function write(person: string, entries: Record<string, Entry>): void {
  const kept = Object.fromEntries(
    Object.entries(entries)
      .toSorted(([, one], [, other]) => other.at - one.at)
      .slice(0, maxEntries)
  )
  memory.set(person, kept)
  try {
    if (Object.keys(kept).length) localStorage.setItem(storageKey(person), JSON.stringify(kept))
    else localStorage.removeItem(storageKey(person))
  } catch (error) {
    // A full storage only costs the key that survives a reload.
    if (!(error instanceof DOMException)) throw error
  }
}

// Undefined fields are dropped, as in JSON.
function split(body: unknown, pinned: readonly string[]): [text: Record<string, unknown>, volatile: Record<string, unknown>] {
  const fields = Object.entries(isRecord(body) ? body : {}).filter(([, value]) => value !== undefined)
  return [
    Object.fromEntries(fields.filter(([field]) => !pinned.includes(field))),
    Object.fromEntries(fields.filter(([field]) => pinned.includes(field)))
  ]
}

/**
 * A new Idempotency-Key. Not crypto.randomUUID(): it needs a secure context, which a server in a private network may not be.
 */
export function newRequestKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

// cyrb53 (public domain): synchronous, and needs no secure context. Two seeds give 106 bits, enough for the texts of one person.
function digest(text: string, seed: number): string {
  let [high, low] = [0xdeadbeef ^ seed, 0x41c6ce57 ^ seed]
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    high = Math.imul(high ^ code, 2_654_435_761)
    low = Math.imul(low ^ code, 1_597_334_677)
  }
  high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909)
  low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909)
  return (4_294_967_296 * (2_097_151 & low) + (high >>> 0)).toString(36).padStart(11, '0')
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
