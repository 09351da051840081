import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'

const reconnectMs = 1_000
const closeMs = 1_000

interface SessionOptions {
  /** Appears in pg_stat_activity. */
  name: string
  /** Runs on every new connection. */
  onOpen: (client: Client) => Promise<void>
  onClose?: () => void
  /** Logged with the reason when no connection can be opened: once, until a connection is open again. */
  problem: string
}

/**
 * Keeps one connection open beside the pool, and reconnects when it is lost. Returns a function that closes it. Does nothing on a
 * transaction pooler (port 6543), where each transaction may get another session.
 */
export function keepSession(databaseUrl: string, { name, onOpen, onClose, problem }: SessionOptions): () => Promise<void> {
  if (new URL(databaseUrl).port === '6543') return () => Promise.resolve()
  const stopping = new AbortController()

  async function keepConnected(): Promise<void> {
    let failures = 0
    while (!stopping.signal.aborted) {
      const client = new Client({ connectionString: databaseUrl, keepAlive: true, connectionTimeoutMillis: 10_000, application_name: name })
      const ended = new Promise<void>(resolve => client.once('end', resolve))
      // An `error` event without a listener would end the process; `end` follows it.
      client.on('error', () => {})
      const end = () => void client.end()
      stopping.signal.addEventListener('abort', end, { once: true })
      try {
        await client.connect()
        await onOpen(client)
        failures = 0
        await ended
      } catch (error) {
        failures++
        if (failures === 1 && !stopping.signal.aborted)
          console.error(`${problem}: ${error instanceof Error ? error.message : String(error)}`)
        end()
      } finally {
        onClose?.()
        stopping.signal.removeEventListener('abort', end)
      }
      if (failures > 0)
        await sleep(reconnectMs, undefined, { signal: stopping.signal, ref: false }).catch(() => {
          /* aborted: the loop ends */
        })
    }
  }

  const running = keepConnected()
  return async () => {
    stopping.abort()
    await Promise.race([running, sleep(closeMs, undefined, { ref: false })])
  }
}
