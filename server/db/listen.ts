import { keepSession } from './session'

/**
 * Calls `wake` with the channel after each NOTIFY on one of `channels`. Also calls it for every channel after each (re)connect, because
 * notifications may have been missed. A transaction pooler (port 6543) delivers none, so callers must poll as well. Returns a function
 * that stops listening.
 */
export function listen(databaseUrl: string, channels: string[], wake: (channel: string) => void): () => Promise<void> {
  if (channels.length === 0) return () => Promise.resolve()
  return keepSession(databaseUrl, {
    name: 'switchboard: listening',
    problem: 'Cannot listen for notifications of the database',
    async onOpen(client) {
      client.on('notification', ({ channel }) => wake(channel))
      for (const channel of channels) await client.query(`listen ${client.escapeIdentifier(channel)}`)
      for (const channel of channels) wake(channel)
    }
  })
}
