import { randomInt } from 'node:crypto'
import { keepSession } from './session'

/** The first key of every server's advisory lock. The second key is the server's number. */
export const serverLocks = 'switchboard: servers'

export interface ServerLock {
  /** The number of this process while it holds the lock, else null: before connecting, after a lost connection, on a transaction pooler. */
  server: () => number | null
  release: () => Promise<void>
}

/**
 * Holds the advisory lock `(hashtext(serverLocks), number)` while this process lives. Postgres releases it when the connection
 * ends, even after a crash, so a server that can take the lock of another knows that the other has gone. A new connection takes
 * the lock of the same number again.
 */
export function holdServerLock(databaseUrl: string): ServerLock {
  const number = randomInt(1, 2 ** 31)
  let isHeld = false
  const close = keepSession(databaseUrl, {
    name: 'switchboard: alive',
    problem: 'Cannot hold the lock that shows other servers that this one is alive',
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
