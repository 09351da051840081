import { serverNow } from './server-time'

interface Entry {
  key: string
  path: string
  /** Server time of the first try, in milliseconds. */
  at: number
  /** Fields of the first try that every further one repeats. */
  pinned: Record<string, unknown>
}

/** A POST as it is sent: the same key, and the same bytes, as when it was first tried. */
export interface KeyedRequest {
  key: string
  body: unknown
}

// The server remembers a key for 24 hours; a first try that was longer under way than an hour has failed.
const textLifetime = 23 * 3_600_000 // milliseconds
// What holds no text (a bulk change, an undo, a test) is a retry when it is pressed again at once, and meant anew later.
const deedLifetime = 180_000 // milliseconds
// What creates something, of words that somebody typed.
const textPaths =
  /^\/api\/(?:teams|ratings\/[^/]+|teams\/[^/]+\/(?:tickets|tickets\/[^/]+\/replies|canned-responses|saved-views|invitations|api-keys|webhooks|cti\/\w+))$/
const mostEntries = 50
const storageKey = (person: string) => `requests:${person}`
const isSecret = (field: string) => /password|secret/i.test(field)

// Where nothing can be stored, a retry of this page still repeats its key.
const memory = new Map<string, Record<string, Entry>>()

/**
 * The Idempotency-Key of a POST by `person` ('' is a guest): new for a new text, and the one of the last try while nobody
 * knows whether that try succeeded. `pinned` names fields that are no part of the text and may differ at the next try.
 */
export function keyRequest(person: string, path: string, body: unknown, pinned: readonly string[] = []): KeyedRequest {
  const name = fingerprint(path, body, pinned)
  const entries = read(person)
  const [text, volatile] = split(body, pinned)
  const entry = entries[name] ?? { key: newKey(), path, at: serverNow(), pinned: volatile }
  if (!entries[name]) write(person, { ...entries, [name]: entry })
  return { key: entry.key, body: pinned.length ? { ...text, ...entry.pinned } : body }
}

/** Forgets the key of a POST whose outcome is known: the same text sent again is another request. */
export function settleRequest(person: string, path: string, body: unknown, pinned: readonly string[] = []): void {
  const name = fingerprint(path, body, pinned)
  const { [name]: settled, ...others } = read(person)
  if (settled) write(person, others)
}

/** Forgets the keys of POSTs to `path`: nobody will try again what was tried there. */
export function abandonRequests(person: string, path: string): void {
  const entries = Object.entries(read(person))
  const others = entries.filter(([, entry]) => entry.path !== path)
  if (others.length < entries.length) write(person, Object.fromEntries(others))
}

/** Whether an answer leaves open if the work was done: none at all, or one that says nothing about it. */
export function isOutcomeUnknown(status: number | null): boolean {
  return status === null || status >= 500 || [401, 408, 425, 429].includes(status)
}

/** Forgets the keys of everybody but `person`. */
export function forgetRequestsOfOthers(person: string): void {
  for (const other of memory.keys()) if (other !== person) memory.delete(other)
}

function fingerprint(path: string, body: unknown, pinned: readonly string[]): string {
  // A secret is stored nowhere, not as a digest either: whoever types another one gets 422 and a new key.
  const text = JSON.stringify([path, body ?? null], (field, value: unknown) =>
    pinned.includes(field) || isSecret(field) ? undefined : value
  )
  return digest(text, 0) + digest(text, 1)
}

function read(person: string): Record<string, Entry> {
  const entries = { ...memory.get(person), ...readStored(person) }
  return Object.fromEntries(
    Object.entries(entries).filter(([, { at, path }]) => Math.abs(serverNow() - at) < (textPaths.test(path) ? textLifetime : deedLifetime))
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
      .slice(0, mostEntries)
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

// As they will be stored: what is undefined is not there.
function split(body: unknown, pinned: readonly string[]): [text: Record<string, unknown>, volatile: Record<string, unknown>] {
  const fields = Object.entries(isRecord(body) ? body : {}).filter(([, value]) => value !== undefined)
  return [
    Object.fromEntries(fields.filter(([field]) => !pinned.includes(field))),
    Object.fromEntries(fields.filter(([field]) => pinned.includes(field)))
  ]
}

// Not crypto.randomUUID(): a server in a team's own network may be no secure context.
function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map(byte => byte.toString(16).padStart(2, '0')).join('')
}

// cyrb53 (public domain): synchronous, and there without a secure context. Two seeds make 106 bits, which tell texts of one person apart.
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
