import { randomInt } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

/** The first half of the key of every such lock; the second is the server's number. */
export const serverLocks = 'switchboard: servers'

export interface ServerLock {
  /** The number of this process while the lock is held; null before, where the connection is lost, and on a transaction pooler. */
  server: () => number | null
  release: () => Promise<void>
}

/**
 * Holds the advisory lock `(hashtext(serverLocks), number)` for as long as this process lives. Postgres takes it back as
 * the connection ends, however the process ended, so that whoever can take such a lock knows that its server has gone.
 * A connection that is lost is opened anew, for the same number. A transaction pooler (port 6543) has no session to hold it.
 */
export function holdServerLock(databaseUrl: string): ServerLock {
  if (new URL(databaseUrl).port === '6543') return { server: () => null, release: () => Promise.resolve() }
  const number = randomInt(1, 2 ** 31)
  const stopping = new AbortController()
  let isHeld = false

  async function hold(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      const client = new Client({
        connectionString: databaseUrl,
        keepAlive: true,
        connectionTimeoutMillis: 10_000,
        application_name: 'switchboard: alive'
      })
      const ended = new Promise<void>(resolve => client.once('end', resolve))
      // Unheard, it would end the process; the connection's end is heard below.
      client.on('error', () => {})
      const end = () => void client.end()
      stopping.signal.addEventListener('abort', end, { once: true })
      try {
        await client.connect()
        await client.query('select pg_advisory_lock(hashtext($1), $2)', [serverLocks, number])
        isHeld = !stopping.signal.aborted
        failures = 0
        await ended
      } catch (error) {
        failures++
        if (failures === 1 && !stopping.signal.aborted)
          console.error(`Other servers do not know that this one is alive: ${error instanceof Error ? error.message : String(error)}`)
        end()
      } finally {
        isHeld = false
        stopping.signal.removeEventListener('abort', end)
      }
      if (failures > 0)
        await sleep(1_000, undefined, { signal: stopping.signal, ref: false }).catch(() => {
          /* asked to stop */
        })
    }
  }

  const held = hold()
  return {
    server: () => (isHeld ? number : null),
    async release() {
      stopping.abort()
      await Promise.race([held, sleep(1_000, undefined, { ref: false })])
    }
  }
}
