import { ref } from 'vue'
import { claimsOf } from '../session/access-token'

const storageKey = 'switchboard-clock'
// A Date header is cut to the second, and an answer takes its way: smaller differences are noise.
const tolerance = 3_000 // milliseconds
let isKnown = false
let latest = 0 // of what serverNow() said since the server last told its time
const slowest = 5_000 // milliseconds an answer may take and still tell the time

/** What has to be added to the clock of this machine, in milliseconds; 0 while it is right, or nothing is known. */
export const clockOffset = ref(readOffset())

/** The server's time in milliseconds, whatever the clock of this machine says. Reactive: follows what is learnt. */
export function serverNow(): number {
  return Date.now() + clockOffset.value
}

/**
 * The server's time in milliseconds, never earlier than this page has known before: for what is deleted by its age. A
 * clock that is set back makes `serverNow()` wrong until the server tells its time again.
 */
export function latestServerTime(): number {
  latest = Math.max(latest, serverNow())
  return latest
}

/** Whether this page has learnt the server's time: until then `serverNow()` is a guess. */
export function isServerTimeKnown(): boolean {
  return isKnown
}

/** Learns from a `Date` header that came with the answer to a request sent at `sentAt` (`Date.now()`). */
export function learnFromDate(header: string | null | undefined, sentAt: number, receivedAt = Date.now()): void {
  const at = Date.parse(header ?? '')
  const took = receivedAt - sentAt
  if (Number.isNaN(at) || !(took >= 0 && took <= slowest)) return
  learn(at + 500 - (sentAt + took / 2))
}

/** Learns from an access token that has just been issued. */
export function learnFromToken(token: unknown, receivedAt = Date.now()): void {
  const issuedAt = claimsOf(token)?.iat
  if (typeof issuedAt === 'number') learn(issuedAt * 1000 + 500 - receivedAt)
}

function learn(difference: number): void {
  isKnown = true
  const next = Math.abs(difference) <= tolerance ? 0 : Math.round(difference)
  const isSame = next === clockOffset.value || (next !== 0 && Math.abs(next - clockOffset.value) <= tolerance)
  if (!isSame) setOffset(next)
  latest = serverNow()
}

function setOffset(next: number): void {
  clockOffset.value = next
  try {
    if (next) localStorage.setItem(storageKey, String(next))
    else localStorage.removeItem(storageKey)
  } catch (error) {
    // A full storage only costs the next visit one renewal of its session.
    if (!(error instanceof DOMException)) throw error
  }
}

function readOffset(): number {
  const stored = typeof window === 'undefined' ? 0 : Number(localStorage.getItem(storageKey))
  return Number.isFinite(stored) ? stored : 0
}
