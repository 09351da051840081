import { ChannelError } from './authorizer.ts'
import type { Extension } from './authorizer.ts'
import { BroadcastOutbox } from './broadcast-outbox.ts'
import { broadcastOf, channelKey } from './broadcast.ts'
import type { Broadcast, BroadcastListener } from './broadcast.ts'
import { ChannelPresence } from './channel-presence.ts'
import { ChannelClosure } from './channel-reply.ts'
import type { ChannelReply } from './channel-reply.ts'
import { ChannelRights } from './channel-rights.ts'
import type { JoinConfig } from './join-config.ts'
import type { StoredMessage } from './messages.ts'
import { isObject } from './serializer.ts'
import type { ClientMessage, Frame, Json, ProtocolVersion } from './serializer.ts'
import type { Services } from './services.ts'
import { SubscriptionError, checkBindings } from './subscriptions.ts'
import type { Binding, Subscriber } from './subscriptions.ts'
import { TokenError, expiryError } from './tokens.ts'
import type { Identity } from './tokens.ts'

/** The part of a socket that its channels use. */
export interface ChannelSocket {
  readonly version: ProtocolVersion
  readonly headers: Record<string, string>
  send(frame: Frame): void
  push(message: { joinRef: string | null; ref: string | null; topic: string; event: string }, payload: string): void
  removeChannel(channel: Channel): void
  /** Ends the connection without a close frame and logs the reason. */
  abort(reason: string): void
}

export interface ChannelOptions {
  name: string
  joinRef: string | null
  config: JoinConfig
  identity: Identity
  readable: Set<Extension>
  bindings: Binding[]
}

const replicationWaitMs = 60_000

/** A joined channel: one name on one socket, from the authorized join to the close. */
export class Channel implements BroadcastListener, Subscriber {
  readonly name: string
  readonly joinRef: string | null
  readonly isPrivate: boolean
  identity: Identity
  isOpen = true
  readonly #services: Services
  readonly #socket: ChannelSocket
  readonly #config: JoinConfig
  readonly #bindings: Binding[]
  readonly #rights: ChannelRights
  readonly #presence: ChannelPresence
  readonly #outbox: BroadcastOutbox
  #token: string | null
  #expiry: NodeJS.Timeout | undefined
  #replicationWait: NodeJS.Timeout | undefined

  constructor(services: Services, socket: ChannelSocket, options: ChannelOptions) {
    const { name, joinRef, config, identity, readable, bindings } = options
    const { isPrivate, presence } = config
    this.#services = services
    this.#socket = socket
    this.name = name
    this.joinRef = joinRef
    this.identity = identity
    this.isPrivate = isPrivate
    this.#config = config
    this.#token = config.token
    this.#bindings = bindings
    this.#rights = new ChannelRights(services.authorizer, {
      caller: { name, identity, headers: socket.headers },
      isPrivate,
      readable,
      hasPresence: presence.enabled
    })
    this.#presence = new ChannelPresence(services.presences, {
      channel: this.#key,
      key: presence.key,
      rights: this.#rights,
      limits: services.limits,
      push: (event, payload) => (event === 'presence_state' ? this.#pushJoined(event, payload) : this.#push(event, payload))
    })
    this.#outbox = new BroadcastOutbox(frame => socket.send(frame), {
      maxHeldBytes: services.limits.waitingBytes,
      onOverflow: () => socket.abort('too many broadcasts arrived before the join was answered')
    })
    services.broadcasts.join(this.#key, this)
    this.#watchExpiry()
  }

  get topic(): string {
    return `realtime:${this.name}`
  }

  get version(): ProtocolVersion {
    return this.#socket.version
  }

  get canReadBroadcasts(): boolean {
    return this.#rights.canRead('broadcast')
  }

  /** Starts the delivery of changes. @throws SubscriptionError */
  async subscribe(): Promise<void> {
    if (this.#bindings.length === 0) return
    const checked = await checkBindings(this.#services.sql, this.identity.role, this.#bindings)
    if (this.isOpen) this.#services.subscriptions.set(this, checked)
  }

  /** Sends what follows the reply to a join: replayed and held broadcasts, presence, system messages. */
  startDelivery(stored: StoredMessage[], subscriptionError: string | null): void {
    this.#outbox.open(stored, payload => this.#pushJoined('broadcast', payload))
    if (this.#config.presence.enabled && this.#rights.canRead('presence')) this.#presence.listen()
    this.#announceSubscription(subscriptionError)
    this.#announceReplication()
  }

  /** Tells the client that the stream of changes resumed, so that it can fetch what was lost in between. */
  announceResumed(): void {
    if (this.#services.subscriptions.isSubscribed(this)) this.#announceSubscription(null)
    this.#announceReplication()
  }

  async handle(message: ClientMessage): Promise<void> {
    if (!this.isOpen) return
    try {
      if (!this.#services.messages.take()) throw new ChannelClosure('Too many messages per second')
      const reply = await this.#answer(message)
      if (reply) this.#reply(message, reply)
    } catch (error) {
      if (!(error instanceof ChannelClosure)) throw error
      this.#shutDown(error.message)
    }
  }

  receiveBroadcast({ id }: Broadcast, frame: Frame): void {
    if (this.canReadBroadcasts) this.#outbox.add(id, frame)
  }

  sendChange(ids: number[], data: string): void {
    this.#push('postgres_changes', `{"ids":[${ids.join(',')}],"data":${data}}`)
  }

  /** Closes the channel. The client does not rejoin after phx_close. */
  close(): void {
    this.detach()
    this.#end('phx_close')
  }

  /** Closes the channel. The client rejoins after phx_error. */
  crash(): void {
    this.detach()
    this.#end('phx_error')
  }

  detach(): void {
    if (!this.isOpen) return
    this.isOpen = false
    clearTimeout(this.#expiry)
    clearTimeout(this.#replicationWait)
    this.#services.broadcasts.leave(this.#key, this)
    this.#presence.leave()
    this.#services.subscriptions.delete(this)
    this.#socket.removeChannel(this)
  }

  get #key(): string {
    return channelKey(this.name, this.isPrivate)
  }

  async #answer(message: ClientMessage): Promise<ChannelReply | null> {
    switch (message.event) {
      case 'access_token':
        await this.#refresh(message.payload)
        return null
      case 'broadcast':
        return this.#broadcast(message)
      case 'presence':
        return this.#presence.handle(message.payload)
      default:
        return { status: 'error', response: { reason: 'unmatched topic' } }
    }
  }

  async #broadcast(message: ClientMessage): Promise<ChannelReply | null> {
    const { ack, self } = this.#config.broadcast
    const broadcast: Broadcast | null = message.broadcast ? { kind: 'user', ...message.broadcast } : broadcastOf(message.payload)
    if (!broadcast) return null
    const size = broadcast.kind === 'user' ? broadcast.payload.length : Buffer.byteLength(JSON.stringify(broadcast.payload))
    if (size > this.#services.limits.payloadBytes) return ack ? { status: 'error', response: { error: 'payload_size_exceeded' } } : null
    if (!(await this.#rights.canWrite('broadcast')) || !this.isOpen) return null
    this.#services.broadcasts.publish(this, broadcast, self ? undefined : this)
    return ack ? { status: 'ok', response: {} } : null
  }

  /** Switches to a new token. @throws ChannelClosure when the token is refused or has lost the right to read */
  async #refresh(payload: Json): Promise<void> {
    const token = isObject(payload) ? payload.access_token : undefined
    if (token === null || token === undefined || token === this.#token) return
    if (typeof token === 'string' && token.startsWith('sb_')) return
    try {
      const identity = await this.#services.tokens.verify(String(token))
      const refusal = await this.#rights.renew(identity)
      if (refusal !== null) throw new ChannelClosure(refusal)
      this.identity = identity
      this.#token = String(token)
    } catch (error) {
      if (error instanceof TokenError || error instanceof ChannelError) throw new ChannelClosure(error.message)
      throw error
    }
    this.#watchExpiry()
    await this.#resubscribe()
  }

  async #resubscribe(): Promise<void> {
    try {
      await this.subscribe()
      this.#announceSubscription(null)
    } catch (error) {
      if (!(error instanceof SubscriptionError)) throw error
      this.#services.subscriptions.delete(this)
      this.#announceSubscription(error.message)
    }
  }

  #watchExpiry(): void {
    clearTimeout(this.#expiry)
    const { expiresAt } = this.identity
    if (expiresAt === null || !this.isOpen) return
    const left = expiresAt * 1000 - Date.now()
    this.#expiry = setTimeout(
      () => {
        if (expiresAt * 1000 > Date.now()) this.#watchExpiry()
        else this.#shutDown(expiryError(expiresAt).message)
      },
      Math.max(0, Math.min(left, this.#services.limits.tokenCheckMs))
    )
  }

  #announceSubscription(error: string | null): void {
    if (this.#bindings.length === 0 && error === null) return
    this.#system('postgres_changes', error === null ? 'ok' : 'error', error ?? 'Subscribed to PostgreSQL')
  }

  #announceReplication(): void {
    if (!this.#config.broadcast.replicationReady) return
    clearTimeout(this.#replicationWait)
    if (this.#services.isReplicating()) return this.#system('system', 'ok', 'Replication connection established')
    this.#replicationWait = setTimeout(() => this.#shutDown('Replication connection was not established in time'), replicationWaitMs)
  }

  #shutDown(reason: string): void {
    if (!this.isOpen) return
    this.#system('system', 'error', reason)
    this.close()
  }

  #system(extension: string, status: 'ok' | 'error', message: string): void {
    this.#pushJoined('system', JSON.stringify({ extension, status, message, channel: this.name }))
  }

  #end(event: 'phx_close' | 'phx_error'): void {
    this.#socket.push({ joinRef: this.joinRef, ref: this.joinRef, topic: this.topic, event }, '{}')
  }

  /** Pushes without a join_ref, as for fan-out frames. `#pushJoined` is for frames of this join only. */
  #push(event: string, payload: string): void {
    this.#socket.push({ joinRef: null, ref: null, topic: this.topic, event }, payload)
  }

  #pushJoined(event: string, payload: string): void {
    this.#socket.push({ joinRef: this.joinRef, ref: null, topic: this.topic, event }, payload)
  }

  #reply({ ref }: ClientMessage, reply: ChannelReply): void {
    this.#socket.push({ joinRef: this.joinRef, ref, topic: this.topic, event: 'phx_reply' }, JSON.stringify(reply))
  }
}
