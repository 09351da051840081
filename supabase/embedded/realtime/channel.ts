import { randomUUID } from 'node:crypto'
import { ChannelError } from './authorizer.ts'
import type { Caller, Extension } from './authorizer.ts'
import { broadcastOf, channelKey, userPayload } from './broadcast.ts'
import type { Broadcast, BroadcastListener } from './broadcast.ts'
import type { JoinConfig } from './join-config.ts'
import type { StoredMessage } from './messages.ts'
import type { PresenceListener } from './presence.ts'
import { RateLimit } from './rate.ts'
import { isObject } from './serializer.ts'
import type { ClientMessage, Frame, Json, ProtocolVersion } from './serializer.ts'
import type { Services } from './services.ts'
import { SubscriptionError, checkBindings } from './subscriptions.ts'
import type { Binding, Subscriber } from './subscriptions.ts'
import { TokenError, expiryError } from './tokens.ts'
import type { Identity } from './tokens.ts'

/** The socket a channel is on, as the channel sees it. */
export interface ChannelSocket {
  readonly version: ProtocolVersion
  readonly headers: Record<string, string>
  send(frame: Frame): void
  push(message: { joinRef: string | null, ref: string | null, topic: string, event: string }, payload: string): void
  forget(channel: Channel): void
}

export interface ChannelStart {
  name: string
  joinRef: string | null
  config: JoinConfig
  identity: Identity
  readable: Set<Extension>
  bindings: Binding[]
}

const noReadPermission = (name: string) => `You do not have permissions to read from this Channel topic: ${name}`
const replicationWaitMs = 60_000

/** A joined channel: one name on one socket, from the accepted join to its close. */
export class Channel implements BroadcastListener, PresenceListener, Subscriber {
  readonly name: string
  readonly joinRef: string | null
  readonly isPrivate: boolean
  identity: Identity
  isOpen = true
  readonly #services: Services
  readonly #socket: ChannelSocket
  readonly #config: JoinConfig
  readonly #key: string
  readonly #presenceKey: string
  readonly #presenceCalls: RateLimit
  readonly #bindings: Binding[]
  #token: string | null
  #readable: Set<Extension>
  #writable = new Map<Extension, boolean>()
  #hearsPresence = false
  /** Broadcasts heard before the join is answered and stored ones are sent. */
  #held: { id: string | undefined, frame: Frame }[] | null = []
  #replayed = new Set<string>()
  #expiry: NodeJS.Timeout | undefined
  #replicationWait: NodeJS.Timeout | undefined

  constructor(services: Services, socket: ChannelSocket, start: ChannelStart) {
    this.#services = services
    this.#socket = socket
    this.name = start.name
    this.joinRef = start.joinRef
    this.identity = start.identity
    this.isPrivate = start.config.isPrivate
    this.#config = start.config
    this.#token = start.config.token
    this.#readable = start.readable
    this.#bindings = start.bindings
    this.#key = channelKey(start.name, start.config.isPrivate)
    this.#presenceKey = start.config.presence.key ?? randomUUID()
    this.#presenceCalls = new RateLimit(services.limits.presenceCalls, services.limits.presenceWindowMs)
    services.broadcasts.join(this.#key, this)
    this.#watchExpiry()
  }

  get topic(): string {
    return `realtime:${this.name}`
  }

  get canHearBroadcasts(): boolean {
    return this.#readable.has('broadcast')
  }

  get version(): ProtocolVersion {
    return this.#socket.version
  }

  /** Starts delivery of changes. @throws SubscriptionError */
  async subscribe(): Promise<void> {
    if (this.#bindings.length === 0) return
    const checked = await checkBindings(this.#services.sql, this.identity.role, this.#bindings)
    if (this.isOpen) this.#services.subscriptions.set(this, checked)
  }

  /** What follows the reply to a join. */
  welcome(stored: StoredMessage[], subscriptionError: string | null): void {
    this.#replay(stored)
    if (this.#config.presence.enabled && this.#readable.has('presence')) this.#hearPresences()
    this.announceSubscription(subscriptionError)
    if (this.#config.broadcast.replicationReady) this.#announceReplication()
  }

  announceSubscription(error: string | null = null): void {
    if (this.#bindings.length === 0 && error === null) return
    this.#system('postgres_changes', error === null ? 'ok' : 'error', error ?? 'Subscribed to PostgreSQL')
  }

  /** The stream of changes was interrupted and resumed: what came in between is lost. */
  announceResumed(): void {
    if (this.#services.subscriptions.isListening(this)) this.announceSubscription()
    if (this.#config.broadcast.replicationReady) this.#announceReplication()
  }

  async handle(message: ClientMessage): Promise<void> {
    if (!this.isOpen) return
    if (!this.#services.messages.take()) return this.shutDown('Too many messages per second')
    switch (message.event) {
      case 'access_token':
        return this.#refresh(message.payload)
      case 'broadcast':
        return this.#broadcast(message)
      case 'presence':
        return this.#presence(message)
      default:
        return this.#reply(message, 'error', '{"reason":"unmatched topic"}')
    }
  }

  hearBroadcast({ id }: Broadcast, frame: Frame): void {
    if (!this.canHearBroadcasts) return
    if (this.#held) this.#held.push({ id, frame })
    else if (id === undefined || !this.#replayed.has(id)) this.#socket.send(frame)
  }

  hearPresence(diff: string): void {
    this.#push('presence_diff', diff)
  }

  sendChange(ids: number[], data: string): void {
    this.#push('postgres_changes', `{"ids":[${ids.join(',')}],"data":${data}}`)
  }

  /** Ends the channel from the server's side: the client is told why and does not rejoin by itself. */
  shutDown(reason: string): void {
    if (!this.isOpen) return
    this.#system('system', 'error', reason)
    this.close()
  }

  /** Ends the channel and tells the client so. */
  close(): void {
    this.detach()
    this.#socket.push({ joinRef: this.joinRef, ref: this.joinRef, topic: this.topic, event: 'phx_close' }, '{}')
  }

  /** Ends the channel and has the client join again. */
  crash(): void {
    this.detach()
    this.#socket.push({ joinRef: this.joinRef, ref: this.joinRef, topic: this.topic, event: 'phx_error' }, '{}')
  }

  detach(): void {
    if (!this.isOpen) return
    this.isOpen = false
    clearTimeout(this.#expiry)
    clearTimeout(this.#replicationWait)
    this.#services.broadcasts.leave(this.#key, this)
    this.#services.presences.leave(this.#key, this)
    this.#services.subscriptions.delete(this)
    this.#socket.forget(this)
  }

  get #caller(): Caller {
    return { name: this.name, identity: this.identity, headers: this.#socket.headers }
  }

  #replay(stored: StoredMessage[]): void {
    const held = this.#held ?? []
    this.#held = null
    for (const { id, event, payload } of stored) {
      this.#replayed.add(id)
      const broadcast = { event, metadata: '', encoding: 'json' as const, payload: Buffer.from(payload, 'utf8') }
      const text = userPayload(broadcast, JSON.stringify({ replayed: true, id }))
      this.#socket.push({ joinRef: this.joinRef, ref: null, topic: this.topic, event: 'broadcast' }, text)
    }
    for (const { id, frame } of held) {
      if (id === undefined || !this.#replayed.has(id)) this.#socket.send(frame)
    }
  }

  #hearPresences(): void {
    this.#hearsPresence = true
    const state = this.#services.presences.join(this.#key, this)
    this.#socket.push({ joinRef: this.joinRef, ref: null, topic: this.topic, event: 'presence_state' }, state)
  }

  #announceReplication(): void {
    clearTimeout(this.#replicationWait)
    if (this.#services.isReplicating()) return this.#system('system', 'ok', 'Replication connection established')
    const message = 'Replication connection was not established in time'
    this.#replicationWait = setTimeout(() => this.shutDown(message), replicationWaitMs)
  }

  async #refresh(payload: Json): Promise<void> {
    const token = isObject(payload) ? payload.access_token : undefined
    if (token === null || token === undefined || token === this.#token) return
    if (typeof token === 'string' && token.startsWith('sb_')) return
    try {
      const identity = await this.#services.tokens.verify(String(token))
      const lost = await this.#reauthorize(identity)
      if (lost !== null) return this.shutDown(lost)
      this.#token = String(token)
    } catch (error) {
      if (error instanceof TokenError || error instanceof ChannelError) return this.shutDown(error.message)
      throw error
    }
    this.#watchExpiry()
    await this.#resubscribe()
  }

  /** Takes on a new identity. @returns why the channel may not go on, if so */
  async #reauthorize(identity: Identity): Promise<string | null> {
    this.#writable.clear()
    if (this.isPrivate) {
      const wanted: Extension[] = this.#hearsPresence || this.#config.presence.enabled ? ['broadcast', 'presence'] : ['broadcast']
      const readable = await this.#services.authorizer.readable({ ...this.#caller, identity }, wanted)
      if (readable.size === 0) return noReadPermission(this.name)
      if ([...this.#readable].some(extension => !readable.has(extension))) {
        return `You no longer have permission to read from this Channel topic: ${this.name}`
      }
      this.#readable = readable
    }
    this.identity = identity
    return null
  }

  async #resubscribe(): Promise<void> {
    try {
      await this.subscribe()
      this.announceSubscription()
    } catch (error) {
      if (!(error instanceof SubscriptionError)) throw error
      this.#services.subscriptions.delete(this)
      this.announceSubscription(error.message)
    }
  }

  #watchExpiry(): void {
    clearTimeout(this.#expiry)
    const { expiresAt } = this.identity
    if (expiresAt === null) return
    const left = expiresAt * 1000 - Date.now()
    this.#expiry = setTimeout(() => {
      if (expiresAt * 1000 > Date.now()) this.#watchExpiry()
      else this.shutDown(expiryError(expiresAt).message)
    }, Math.max(0, Math.min(left, this.#services.limits.tokenCheckMs)))
  }

  async #broadcast(message: ClientMessage): Promise<void> {
    const { ack, self } = this.#config.broadcast
    const broadcast: Broadcast | null = message.broadcast ? { kind: 'user', ...message.broadcast } : broadcastOf(message.payload)
    if (!broadcast) return
    const size = broadcast.kind === 'user' ? broadcast.payload.length : Buffer.byteLength(JSON.stringify(broadcast.payload))
    if (size > this.#services.limits.payloadBytes) {
      if (ack) this.#reply(message, 'error', '{"error":"payload_size_exceeded"}')
      return
    }
    if (!await this.#mayWrite('broadcast')) return
    this.#services.broadcasts.publish(this, broadcast, self ? undefined : this)
    if (ack) this.#reply(message, 'ok', '{}')
  }

  async #presence(message: ClientMessage): Promise<void> {
    const { event, payload = {} } = isObject(message.payload) ? message.payload : {}
    const call = typeof event === 'string' ? event.toLowerCase() : ''
    if (call !== 'track' && call !== 'untrack') return this.#reply(message, 'error', '{}')
    if (!this.#presenceCalls.take()) return this.shutDown('Client presence rate limit exceeded')
    if (call === 'untrack') {
      this.#services.presences.untrack(this.#key, this)
      return this.#reply(message, 'ok', '{}')
    }
    if (!isObject(payload)) return this.#reply(message, 'error', '{"reason":"Presence track payload must be a map"}')
    if (Buffer.byteLength(JSON.stringify(payload)) > this.#services.limits.payloadBytes) return this.shutDown('Track message size exceeded')
    if (!await this.#mayWrite('presence')) return this.#reply(message, 'error', '{}')
    if (!this.#config.presence.enabled && !this.#hearsPresence) await this.#startHearingPresences()
    this.#services.presences.track(this.#key, this, { key: this.#presenceKey, payload })
    this.#reply(message, 'ok', '{}')
  }

  /** A channel that did not ask for presence when it joined gets it with its first track, if it may. */
  async #startHearingPresences(): Promise<void> {
    if (this.isPrivate) {
      const readable = await this.#services.authorizer.readable(this.#caller, ['presence'])
      if (!readable.has('presence')) return
      this.#readable.add('presence')
    }
    if (this.isOpen) this.#hearPresences()
  }

  async #mayWrite(extension: Extension): Promise<boolean> {
    if (!this.isPrivate) return true
    const known = this.#writable.get(extension)
    if (known !== undefined) return known
    const writable = await this.#services.authorizer.isWritable(this.#caller, extension)
    this.#writable.set(extension, writable)
    return writable && this.isOpen
  }

  #system(extension: string, status: 'ok' | 'error', message: string): void {
    this.#socket.push({ joinRef: this.joinRef, ref: null, topic: this.topic, event: 'system' },
      JSON.stringify({ extension, status, message, channel: this.name }))
  }

  #push(event: string, payload: string): void {
    this.#socket.push({ joinRef: null, ref: null, topic: this.topic, event }, payload)
  }

  #reply({ ref }: ClientMessage, status: 'ok' | 'error', response: string): void {
    this.#socket.push({ joinRef: this.joinRef, ref, topic: this.topic, event: 'phx_reply' }, `{"status":"${status}","response":${response}}`)
  }
}
