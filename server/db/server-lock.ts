import { randomInt } from 'node:crypto'
import { keepSession } from './session'

/** The first half of the key of every such lock; the second is the server's number. */
export const serverLocks = 'switchboard: servers'

export interface ServerLock {
  /** The number of this process while the lock is held; null before, where the connection is lost, and on a transaction pooler. */
  server: () => number | null
  release: () => Promise<void>
}

/**
 * Holds the advisory lock `(hashtext(serverLocks), number)` for as long as this process lives. Postgres takes it back when
 * the connection ends, however the process ended: whoever can take such a lock knows that its server has gone. A new
 * connection takes the lock of the same number.
 */
export function holdServerLock(databaseUrl: string): ServerLock {
  const number = randomInt(1, 2 ** 31)
  let isHeld = false
  const close = keepSession(databaseUrl, {
    name: 'switchboard: alive',
    problem: 'Other servers do not know that this one is alive',
    async onOpen(client) {
      await client.query('select pg_advisory_lock(hashtext($1), $2)', [serverLocks, number])
      isHeld = true
    },
    onClose() {
      isHeld = false
    }
  })
  return { server: () => (isHeld ? number : null), release: close }
}
