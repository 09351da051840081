import type { ServerResponse } from 'node:http'
import { finished } from 'node:stream'

const unsent = new Map<string, number>()

/** Bytes that this process still has to send to a person or key. */
export function unsentBytes(principal: string): number {
  return unsent.get(principal) ?? 0
}

/** Counts `bytes` as unsent until the response is finished. Closes the connection after `seconds`. */
export function trackUnsent(principal: string, bytes: number, response: ServerResponse, seconds: number): void {
  unsent.set(principal, unsentBytes(principal) + bytes)
  const timer = setTimeout(() => response.destroy(), seconds * 1000)
  finished(response, () => {
    clearTimeout(timer)
    const left = unsentBytes(principal) - bytes
    if (left > 0) unsent.set(principal, left)
    else unsent.delete(principal)
  })
}
