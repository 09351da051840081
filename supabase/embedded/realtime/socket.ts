import type { WebSocket } from 'ws'
import { ChannelError } from './authorizer.ts'
import type { Channel } from './channel.ts'
import { joinChannel, refuseJoin } from './join.ts'
import type { JoiningSocket } from './join.ts'
import { decodeFrame, encodeText } from './serializer.ts'
import type { ClientMessage, Frame, ProtocolVersion } from './serializer.ts'
import type { Services } from './services.ts'
import type { Identity } from './tokens.ts'

export interface SocketStart {
  version: ProtocolVersion
  identity: Identity
  headers: Record<string, string>
}

// What a waiting message takes besides its bytes, roughly.
const messageBytes = 1_000

/** One client's connection and the channels on it. Messages of one topic are handled one after another. */
export class Socket implements JoiningSocket {
  readonly version: ProtocolVersion
  readonly identity: Identity
  readonly headers: Record<string, string>
  readonly #services: Services
  readonly #socket: WebSocket
  readonly #channels = new Map<string, Channel>()
  readonly #mailboxes = new Map<string, Promise<void>>()
  /** Joins of each topic that were admitted and are not answered yet. */
  readonly #joining = new Map<string, number>()
  #waitingBytes = 0
  #lastReceived = Date.now()

  constructor(services: Services, socket: WebSocket, start: SocketStart) {
    this.#services = services
    this.#socket = socket
    this.version = start.version
    this.identity = start.identity
    this.headers = start.headers
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
    if (this.#socket.bufferedAmount > this.#services.limits.bufferedBytes) this.cutOff('reads too slowly')
  }

  push(message: { joinRef: string | null; ref: string | null; topic: string; event: string }, payload: string): void {
    this.send(encodeText(this.version, message, payload))
  }

  forget(channel: Channel): void {
    if (this.#channels.get(channel.topic) === channel) this.#channels.delete(channel.topic)
  }

  disconnect(code: number, reason: string): void {
    this.#socket.close(code, reason)
  }

  terminate(): void {
    this.#socket.terminate()
  }

  /** Ends the connection of a client that takes too much memory, without a close frame: the original kills its process (WEBSOCKET_MAX_HEAP_SIZE). */
  cutOff(what: string): void {
    if (!this.isOpen) return
    this.#services.log(`realtime: a client that ${what} was cut off`)
    this.#socket.terminate()
  }

  /** Closes a connection that was silent for too long: a live client sends heartbeats. */
  closeIfIdle(now: number): void {
    if (now - this.#lastReceived > this.#services.limits.idleMs) this.disconnect(1000, 'idle timeout')
  }

  detach(): void {
    for (const channel of this.channels) channel.detach()
  }

  #receive(data: Buffer, isBinary: boolean): void {
    this.#lastReceived = Date.now()
    const message = decodeFrame(data, isBinary, this.version)
    if (!message) return this.#services.log('realtime: a malformed frame was dropped')
    if (message.topic === 'phoenix' && message.event === 'heartbeat') return this.#reply(message, 'ok', '{}')
    if (!message.topic.startsWith('realtime:')) return this.#reply({ ...message, joinRef: null }, 'error', '{"reason":"unmatched topic"}')
    this.#deliver(message, data.length + messageBytes)
  }

  /** Appends to the topic's mailbox: a join may wait for the database, and what follows it waits for the join. */
  #deliver(message: ClientMessage, bytes: number): void {
    const { topic } = message
    this.#waitingBytes += bytes
    if (this.#waitingBytes > this.#services.limits.waitingBytes) return this.cutOff('sends faster than it is served')
    const refusal = message.event === 'phx_join' ? this.#admitJoin(topic) : null
    const before = this.#mailboxes.get(topic) ?? Promise.resolve()
    const handled = before
      .then(() => this.#handle(message, refusal))
      .catch((error: Error) => {
        this.#services.log(`realtime: ${message.event} on ${topic} failed: ${error.message}`)
        this.#channels.get(topic)?.crash()
      })
    this.#mailboxes.set(topic, handled)
    void handled.then(() => {
      this.#waitingBytes -= bytes
      if (message.event === 'phx_join' && refusal === null) this.#endJoin(topic)
      if (this.#mailboxes.get(topic) === handled) this.#mailboxes.delete(topic)
    })
  }

  /** Counts a join when it comes, before any work: those that wait for the database count like those that are joined. */
  #admitJoin(topic: string): ChannelError | null {
    if (!this.#services.joins.take()) return new ChannelError('ClientJoinRateLimitReached', 'Too many joins per second')
    const topics = new Set([...this.#channels.keys(), ...this.#joining.keys()])
    if (!topics.has(topic) && topics.size >= this.#services.limits.channelsPerConnection)
      return new ChannelError('ChannelRateLimitReached', 'Too many channels')
    this.#joining.set(topic, (this.#joining.get(topic) ?? 0) + 1)
    return null
  }

  #endJoin(topic: string): void {
    const left = this.#joining.get(topic)! - 1
    if (left > 0) this.#joining.set(topic, left)
    else this.#joining.delete(topic)
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
