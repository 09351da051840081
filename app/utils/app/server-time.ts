import { ref } from 'vue'
import { claimsOf } from '../session/access-token'

const storageKey = 'switchboard-clock'
// Smaller differences are noise: a Date header has whole seconds, and a response takes time.
const toleranceMs = 3_000
let isKnown = false
let latest = 0 // the latest serverNow() since the clock was last synchronised
const maxRoundTripMs = 5_000 // slower responses are too inaccurate

/** Server time minus the clock of this machine, in milliseconds; 0 if the difference is small or unknown. */
export const clockOffset = ref(readOffset())

/** The server's time in milliseconds, independent of the clock of this machine. Reactive. */
export function serverNow(): number {
  return Date.now() + clockOffset.value
}

/**
 * The server's time in milliseconds, never earlier than an earlier result: for data that is deleted by age. If the clock of this
 * machine is set back, `serverNow()` is wrong until the next response.
 */
export function latestServerTime(): number {
  latest = Math.max(latest, serverNow())
  return latest
}

/** Whether the clock was synchronised; until then `serverNow()` is a guess. */
export function isServerTimeKnown(): boolean {
  return isKnown
}

/** Synchronises the clock with the `Date` header of the response to a request sent at `sentAt` (`Date.now()`). */
export function learnFromDate(header: string | null | undefined, sentAt: number, receivedAt = Date.now()): void {
  const at = Date.parse(header ?? '')
  const took = receivedAt - sentAt
  if (Number.isNaN(at) || !(took >= 0 && took <= maxRoundTripMs)) return
  learn(at + 500 - (sentAt + took / 2))
}

/** Synchronises the clock with an access token that was just issued. */
export function learnFromToken(token: unknown, receivedAt = Date.now()): void {
  const issuedAt = claimsOf(token)?.iat
  if (typeof issuedAt === 'number') learn(issuedAt * 1000 + 500 - receivedAt)
}

function learn(difference: number): void {
  isKnown = true
  const next = Math.abs(difference) <= toleranceMs ? 0 : Math.round(difference)
  const isSame = next === clockOffset.value || (next !== 0 && Math.abs(next - clockOffset.value) <= toleranceMs)
  if (!isSame) setOffset(next)
  latest = serverNow()
}

function setOffset(next: number): void {
  clockOffset.value = next
  try {
    if (next) localStorage.setItem(storageKey, String(next))
    else localStorage.removeItem(storageKey)
  } catch (error) {
    // If the storage is full, the next visit only renews its session again.
    if (!(error instanceof DOMException)) throw error
  }
}

function readOffset(): number {
  const stored = typeof window === 'undefined' ? 0 : Number(localStorage.getItem(storageKey))
  return Number.isFinite(stored) ? stored : 0
}
