import type { WebSocket } from 'ws'
import { ChannelError } from './authorizer.ts'
import type { Channel } from './channel.ts'
import { joinChannel, refuseJoin } from './join.ts'
import type { JoiningSocket } from './join.ts'
import { decodeFrame, encodeText } from './serializer.ts'
import type { ClientMessage, Frame, ProtocolVersion } from './serializer.ts'
import type { Services } from './services.ts'
import type { Identity } from './tokens.ts'

export interface SocketOptions {
  version: ProtocolVersion
  identity: Identity
  headers: Record<string, string>
}

// Approximate memory of a waiting message besides its bytes.
const messageBytes = 1_000

/** One client's connection and its channels. Messages of one topic are handled one after another. */
export class Socket implements JoiningSocket {
  readonly version: ProtocolVersion
  readonly identity: Identity
  readonly headers: Record<string, string>
  readonly #services: Services
  readonly #socket: WebSocket
  readonly #channels = new Map<string, Channel>()
  readonly #queues = new Map<string, Promise<void>>()
  /** The number of admitted joins per topic that are not answered yet. */
  readonly #pendingJoins = new Map<string, number>()
  #waitingBytes = 0
  #lastReceived = Date.now()

  constructor(services: Services, socket: WebSocket, options: SocketOptions) {
    this.#services = services
    this.#socket = socket
    this.version = options.version
    this.identity = options.identity
    this.headers = options.headers
    socket.on('message', (data, isBinary) => this.#receive(data as Buffer, isBinary))
    socket.on('close', () => this.detach())
    socket.on('error', error => services.log(`realtime: a connection failed: ${error.message}`))
  }

  get isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN
  }

  get channels(): Channel[] {
    return [...this.#channels.values()]
  }

  send(frame: Frame): void {
    if (!this.isOpen) return
    this.#socket.send(frame, { binary: typeof frame !== 'string' })
    if (this.#socket.bufferedAmount > this.#services.limits.bufferedBytes) this.abort('the client reads too slowly')
  }

  push(message: { joinRef: string | null; ref: string | null; topic: string; event: string }, payload: string): void {
    this.send(encodeText(this.version, message, payload))
  }

  removeChannel(channel: Channel): void {
    if (this.#channels.get(channel.topic) === channel) this.#channels.delete(channel.topic)
  }

  disconnect(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  /**
   * Ends the connection of a client that takes too much memory, without a close frame: hosted kills the process of such a
   * connection (WEBSOCKET_MAX_HEAP_SIZE).
   */
  abort(reason: string): void {
    if (!this.isOpen) return
    this.#services.log(`realtime: aborted a connection: ${reason}`)
    this.#socket.terminate()
  }

  /** Closes the connection after `idleMs` without a message. A live client sends heartbeats. */
  closeIfIdle(now: number): void {
    if (now - this.#lastReceived > this.#services.limits.idleMs) this.disconnect(1000, 'idle timeout')
  }

  detach(): void {
    for (const channel of this.channels) channel.detach()
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.#lastReceived = Date.now()
    const message = decodeFrame(data, isBinary, this.version)
    if (!message) return this.#services.log('realtime: dropped a malformed frame')
    if (message.topic === 'phoenix' && message.event === 'heartbeat') return this.#reply(message, 'ok', '{}')
    if (!message.topic.startsWith('realtime:')) return this.#reply({ ...message, joinRef: null }, 'error', '{"reason":"unmatched topic"}')
    this.#enqueue(message, data.length + messageBytes)
  }

  /** Appends to the topic's queue. A join may wait for the database, and later messages of the topic wait for the join. */
  #enqueue(message: ClientMessage, bytes: number): void {
    const { topic } = message
    this.#waitingBytes += bytes
    if (this.#waitingBytes > this.#services.limits.waitingBytes)
      return this.abort('the client sends faster than the server handles its messages')
    const refusal = message.event === 'phx_join' ? this.#admitJoin(topic) : null
    const previous = this.#queues.get(topic) ?? Promise.resolve()
    const handled = previous
      .then(() => this.#handle(message, refusal))
      .catch((error: Error) => {
        this.#services.log(`realtime: ${message.event} on ${topic} failed: ${error.message}`)
        this.#channels.get(topic)?.crash()
      })
    this.#queues.set(topic, handled)
    void handled.then(() => {
      this.#waitingBytes -= bytes
      if (message.event === 'phx_join' && refusal === null) this.#endJoin(topic)
      if (this.#queues.get(topic) === handled) this.#queues.delete(topic)
    })
  }

  /** Checks the limits when a join arrives, before it waits for the database: pending joins count like joined channels. */
  #admitJoin(topic: string): ChannelError | null {
    if (!this.#services.joins.take()) return new ChannelError('ClientJoinRateLimitReached', 'Too many joins per second')
    const topics = new Set([...this.#channels.keys(), ...this.#pendingJoins.keys()])
    if (!topics.has(topic) && topics.size >= this.#services.limits.channelsPerConnection)
      return new ChannelError('ChannelRateLimitReached', 'Too many channels')
    this.#pendingJoins.set(topic, (this.#pendingJoins.get(topic) ?? 0) + 1)
    return null
  }

  #endJoin(topic: string): void {
    const left = this.#pendingJoins.get(topic)! - 1
    if (left > 0) this.#pendingJoins.set(topic, left)
    else this.#pendingJoins.delete(topic)
  }

  async #handle(message: ClientMessage, refusal: ChannelError | null): Promise<void> {
    if (!this.isOpen) return
    const channel = this.#channels.get(message.topic)
    if (message.event === 'phx_join') return this.#join(message, channel, refusal)
    if (!channel) {
      if (message.event === 'phx_leave') return this.#reply(message, 'ok', '{}')
      return this.#reply({ ...message, joinRef: null }, 'error', '{"reason":"unmatched topic"}')
    }
    if (message.joinRef !== null && message.joinRef !== channel.joinRef) return
    if (message.event === 'phx_leave') {
      this.#reply(message, 'ok', '{}')
      return channel.close()
    }
    await channel.handle(message)
  }

  async #join(message: ClientMessage, former: Channel | undefined, refusal: ChannelError | null): Promise<void> {
    former?.close()
    if (refusal) return refuseJoin(this.#services, this, { message, error: refusal })
    const channel = await joinChannel(this.#services, this, message)
    if (!channel) return
    if (this.isOpen) this.#channels.set(channel.topic, channel)
    else channel.detach()
  }

  #reply({ joinRef, ref, topic }: ClientMessage, status: 'ok' | 'error', response: string): void {
    this.push({ joinRef, ref, topic, event: 'phx_reply' }, `{"status":"${status}","response":${response}}`)
  }
}
