import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { H3Event } from 'h3'

// How long the body of a refused request is read on.
const drainMs = 1_000

/**
 * Drops what the sender of a refused request still sends, for at most a second: closing the connection while bytes arrive would reset it,
 * and the sender would lose the answer. Called before the answer is sent. A connection that stays open is drained after the answer;
 * one that the server closes after the answer (`Connection: close`) is drained first. A sender who goes on is disconnected.
 */
export async function drainRequest(event: H3Event): Promise<void> {
  const { req, res } = event.node
  if (req.complete || req.destroyed) return
  req.on('error', () => {}) // the sender may reset the connection
  const ended = Promise.race([once(req, 'end'), once(req, 'close')]).catch(() => {})
  req.resume()
  if (!res.shouldKeepAlive) {
    await Promise.race([ended, sleep(drainMs, undefined, { ref: false })])
    return
  }
  setTimeout(() => {
    if (!req.complete) req.socket.destroy()
  }, drainMs).unref()
}
