import { setTimeout as delay } from 'node:timers/promises'
import { ChannelError } from './authorizer.ts'
import type { Extension } from './authorizer.ts'
import { Channel } from './channel.ts'
import type { ChannelSocket } from './channel.ts'
import { parseJoinConfig } from './join-config.ts'
import type { JoinConfig } from './join-config.ts'
import { parseReplay, replayMessages } from './messages.ts'
import type { StoredMessage } from './messages.ts'
import { isObject } from './serializer.ts'
import type { ClientMessage, Json } from './serializer.ts'
import type { Services } from './services.ts'
import { SubscriptionError, parseBinding } from './subscriptions.ts'
import type { Binding } from './subscriptions.ts'
import { TokenError, expiryError } from './tokens.ts'
import type { Identity } from './tokens.ts'

export interface JoiningSocket extends ChannelSocket {
  readonly identity: Identity
  readonly isOpen: boolean
  disconnect(code: number, reason: string): void
}

/** Answers a `phx_join`. @returns the channel, or null when the join was refused or the connection closed */
export async function joinChannel(services: Services, socket: JoiningSocket, message: ClientMessage): Promise<Channel | null> {
  const config = parseJoinConfig(message.payload)
  let channel: Channel | null = null
  try {
    const { bindings, error } = parseBindings(config)
    channel = await openChannel(services, socket, { message, config, bindings })
    const stored = await loadReplay(services, channel, config)
    const subscriptionError = error ?? (await subscribe(channel))
    if (subscriptionError !== null && config.waitsForChanges) throw new ChannelError('RealtimeDisabledForConfiguration', subscriptionError)
    if (!channel.isOpen) return null
    reply(socket, message, 'ok', { postgres_changes: echoBindings(config.changes, bindings) })
    channel.startDelivery(stored, subscriptionError)
    return channel
  } catch (error) {
    channel?.detach()
    await refuseJoin(services, socket, { message, error })
    return null
  }
}

async function openChannel(
  services: Services,
  socket: JoiningSocket,
  join: { message: ClientMessage; config: JoinConfig; bindings: Binding[] }
): Promise<Channel> {
  const { message, config, bindings } = join
  const name = message.topic.slice('realtime:'.length)
  if (services.privateOnly && !config.isPrivate) throw new ChannelError('PrivateOnly', 'This project only allows private channels')
  if (name === '') throw new ChannelError('TopicNameRequired', 'You must provide a topic name')
  const identity = config.token === null ? socket.identity : await services.tokens.verify(config.token)
  if (identity.expiresAt !== null && identity.expiresAt * 1000 <= Date.now()) throw expiryError(identity.expiresAt)
  const extensions: Extension[] = config.presence.enabled ? ['broadcast', 'presence'] : ['broadcast']
  const caller = { name, identity, headers: socket.headers }
  const readable = config.isPrivate ? await services.authorizer.readable(caller, extensions) : new Set<Extension>(['broadcast', 'presence'])
  if (readable.size === 0) {
    throw new ChannelError('Unauthorized', `You do not have permissions to read from this Channel topic: ${name}`)
  }
  if (!socket.isOpen) throw new ChannelError('RealtimeRestarting', 'Realtime is restarting, please standby')
  return new Channel(services, socket, { name, joinRef: message.joinRef, config, identity, readable, bindings })
}

async function loadReplay(services: Services, channel: Channel, config: JoinConfig): Promise<StoredMessage[]> {
  if (!config.broadcast.replay) return []
  const replay = parseReplay(config.broadcast.replay, channel.isPrivate, services.limits.replayMessages)
  return channel.canReadBroadcasts ? replayMessages(services.sql, channel.name, replay) : []
}

async function subscribe(channel: Channel): Promise<string | null> {
  try {
    await channel.subscribe()
    return null
  } catch (error) {
    if (error instanceof SubscriptionError) return error.message
    throw error
  }
}

/** One malformed entry fails all entries: hosted inserts them in one transaction. */
function parseBindings({ changes }: JoinConfig): { bindings: Binding[]; error: string | null } {
  const ids = assignIds(changes)
  try {
    return { bindings: changes.map((params, position) => parseBinding(params, ids[position] ?? 0)), error: null }
  } catch (error) {
    if (error instanceof SubscriptionError) return { bindings: [], error: error.message }
    throw error
  }
}

/** Equal entries get the same id. */
function assignIds(changes: Json[]): number[] {
  const ids = new Map<string, number>()
  return changes.map(params => {
    const key = JSON.stringify(params)
    const id = ids.get(key) ?? ids.size + 1
    ids.set(key, id)
    return id
  })
}

function echoBindings(changes: Json[], bindings: Binding[]): Json[] {
  const ids = bindings.length > 0 ? bindings.map(binding => binding.id) : assignIds(changes)
  return changes.map((params, position) => ({ ...(isObject(params) ? params : {}), id: ids[position] }))
}

/** Refuses a `phx_join` after a delay. When the rate limit of joins is exceeded, it closes the connection too. */
export async function refuseJoin(
  services: Services,
  socket: JoiningSocket,
  refusal: { message: ClientMessage; error: unknown }
): Promise<void> {
  const { message, error } = refusal
  await delay(services.limits.joinBackoffMs)
  if (error instanceof ChannelError || error instanceof TokenError) {
    reply(socket, message, 'error', { reason: `${error.code}: ${error.message}` })
  } else {
    services.log(`realtime: join of ${message.topic} failed: ${(error as Error).message}`)
    reply(socket, message, 'error', { reason: 'Unknown Error on Channel' })
  }
  if (error instanceof ChannelError && error.code === 'ClientJoinRateLimitReached') socket.disconnect(1001, 'Too many joins per second')
}

function reply(socket: JoiningSocket, { joinRef, ref, topic }: ClientMessage, status: 'ok' | 'error', response: Json): void {
  socket.push({ joinRef, ref, topic, event: 'phx_reply' }, JSON.stringify({ status, response }))
}
