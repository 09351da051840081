import { keepSession } from './session'

/**
 * Calls `wake` with the channel after each NOTIFY on one of `channels`, and once with each of them whenever it has (re)connected,
 * for what it missed. On a transaction pooler (port 6543) nothing is heard: callers poll as well. Returns a function that ends it.
 */
export function listen(databaseUrl: string, channels: string[], wake: (channel: string) => void): () => Promise<void> {
  if (channels.length === 0) return () => Promise.resolve()
  return keepSession(databaseUrl, {
    name: 'switchboard: listening',
    problem: 'Notifications of the database are not heard',
    async onOpen(client) {
      client.on('notification', ({ channel }) => wake(channel))
      for (const channel of channels) await client.query(`listen ${client.escapeIdentifier(channel)}`)
      for (const channel of channels) wake(channel)
    }
  })
}
