import { createClient } from '@supabase/supabase-js'
import type { RealtimeChannel, RealtimeClientOptions, SupabaseClient } from '@supabase/supabase-js'
import type { Backend } from './backend.ts'
import { Collector } from './collector.ts'

export interface SystemMessage {
  extension: string
  status: string
  message: string
  channel: string
}

export interface Change {
  schema: string
  table: string
  commit_timestamp: string
  eventType: string
  new: Record<string, unknown>
  old: Record<string, unknown>
  errors: string[] | null
}

export interface Joined {
  channel: RealtimeChannel
  statuses: Collector<{ status: string; error: string | undefined }>
  systems: Collector<SystemMessage>
  changes: Collector<Change>
}

const opened = new Set<SupabaseClient>()
const sessions = new WeakMap<SupabaseClient, { token: string | null }>()

export interface ClientOptions {
  /** Null for a user who signs in later with `signIn`. */
  token?: string | null
  key?: string
  realtime?: RealtimeClientOptions
}

/** Opens a supabase-js client. With a token it acts as that user from the first join on. */
export async function openClient(backend: Backend, options: ClientOptions = {}): Promise<SupabaseClient> {
  const { token, key = backend.key, realtime } = options
  const session = { token: token ?? null }
  const client = createClient(backend.url, key, {
    ...(token === undefined
      ? { auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false } }
      : { accessToken: async () => session.token }),
    ...(realtime ? { realtime } : {})
  })
  opened.add(client)
  sessions.set(client, session)
  if (token) await client.realtime.setAuth()
  return client
}

/** Sets a new token on a client that was opened with a token or null. */
export async function signIn(client: SupabaseClient, token: string): Promise<void> {
  const session = sessions.get(client)
  if (!session) throw new Error('The client was not opened with openClient')
  session.token = token
  await client.realtime.setAuth()
}

export async function closeClients(): Promise<void> {
  const closing = [...opened]
  opened.clear()
  await Promise.all(
    closing.map(async client => {
      await client.removeAllChannels()
      await client.realtime.disconnect()
    })
  )
}

/** Subscribes without waiting for an answer. */
export function subscribe(channel: RealtimeChannel): Joined {
  const joined: Joined = { channel, statuses: new Collector(), systems: new Collector(), changes: new Collector() }
  channel.on('system', {}, (message: SystemMessage) => joined.systems.push(message))
  channel.subscribe((status, error) => joined.statuses.push({ status, error: error?.message }))
  return joined
}

/** Subscribes and waits for SUBSCRIBED. Throws for any other first status. */
export async function join(channel: RealtimeChannel): Promise<Joined> {
  const joined = subscribe(channel)
  const { status, error } = await joined.statuses.find(() => true)
  if (status !== 'SUBSCRIBED') throw new Error(`${status}: ${error}`)
  return joined
}

export interface ChangeBinding {
  event?: '*' | 'INSERT' | 'UPDATE' | 'DELETE'
  schema?: string
  table?: string
  filter?: string
  select?: string[]
}

/** Subscribes a new channel to changes and waits for the system message that confirms or refuses the subscription. */
export async function listen(client: SupabaseClient, name: string, ...bindings: ChangeBinding[]): Promise<Joined> {
  const channel = client.channel(name)
  const changes = new Collector<Change>()
  for (const binding of bindings) {
    channel.on('postgres_changes', { event: '*', schema: 'public', ...binding } as { event: '*'; schema: string }, change =>
      changes.push(change as unknown as Change)
    )
  }
  const joined = await join(channel)
  await joined.systems.find(({ extension }) => extension === 'postgres_changes')
  return { ...joined, changes }
}

/** Collects the broadcasts of a channel. Call it before the channel subscribes. */
export function collectBroadcasts(channel: RealtimeChannel, event = '*'): Collector<ReceivedBroadcast> {
  const received = new Collector<ReceivedBroadcast>()
  channel.on('broadcast', { event }, message => received.push(message as unknown as ReceivedBroadcast))
  return received
}

export interface ReceivedBroadcast {
  event: string
  payload: Record<string, unknown>
  meta?: { id?: string; replayed?: boolean }
}
