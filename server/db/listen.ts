import postgres from 'postgres'

/**
 * Calls `wake` with the channel after each NOTIFY on one of `channels`, and once with each when it (re)connects. Needs a
 * session of its own: a transaction pooler (port 6543) has none, so there nothing is heard and the poll has to do.
 * Returns what ends it.
 */
export function listen(databaseUrl: string, channels: string[], wake: (channel: string) => void): () => Promise<void> {
  if (new URL(databaseUrl).port === '6543' || channels.length === 0) return () => Promise.resolve()
  const sql = postgres(databaseUrl, {
    max: 1,
    connect_timeout: 10,
    onnotice: () => {},
    connection: { application_name: 'switchboard: listening' }
  })
  let isStopping = false
  const subscribe = async (channel: string): Promise<void> => {
    try {
      await sql.listen(
        channel,
        () => wake(channel),
        () => wake(channel)
      )
    } catch (error) {
      if (isStopping) return
      console.error(`Not listening to ${channel}: ${error instanceof Error ? error.message : String(error)}`)
      setTimeout(() => void subscribe(channel), 5_000).unref()
    }
  }
  for (const channel of channels) void subscribe(channel)
  return async () => {
    isStopping = true
    await sql.end({ timeout: 1 })
  }
}
