import { randomUUID } from 'node:crypto'
import type { ChannelRights } from './channel-rights.ts'
import { ChannelClosure } from './channel-reply.ts'
import type { ChannelReply } from './channel-reply.ts'
import type { PresenceHub, PresenceListener } from './presence.ts'
import { RateLimit } from './rate.ts'
import { isObject } from './serializer.ts'
import type { Json } from './serializer.ts'
import type { RealtimeLimits } from './limits.ts'

export interface ChannelPresenceOptions {
  /** The channel key, see `channelKey`. */
  channel: string
  /** The presence key from the join. A random one when the client gave none. */
  key: string | null
  rights: ChannelRights
  limits: RealtimeLimits
  push(event: 'presence_state' | 'presence_diff', payload: string): void
}

/** Presence of one channel: tracks its own state and pushes the state of others. */
export class ChannelPresence implements PresenceListener {
  readonly #hub: PresenceHub
  readonly #options: ChannelPresenceOptions
  readonly #key: string
  readonly #calls: RateLimit
  #isListening = false
  #hasLeft = false

  constructor(hub: PresenceHub, options: ChannelPresenceOptions) {
    this.#hub = hub
    this.#options = options
    this.#key = options.key ?? randomUUID()
    this.#calls = new RateLimit(options.limits.presenceCalls, options.limits.presenceWindowMs)
  }

  /** Pushes the current state, and then every diff. */
  listen(): void {
    if (this.#isListening || this.#hasLeft) return
    this.#isListening = true
    this.#options.push('presence_state', this.#hub.join(this.#options.channel, this))
  }

  receivePresence(diff: string): void {
    this.#options.push('presence_diff', diff)
  }

  /** Answers a client's track or untrack. @throws ChannelClosure when a limit is exceeded */
  async handle(message: Json): Promise<ChannelReply> {
    const { event, payload = {} } = isObject(message) ? message : {}
    const call = typeof event === 'string' ? event.toLowerCase() : ''
    if (call !== 'track' && call !== 'untrack') return { status: 'error', response: {} }
    if (!this.#calls.take()) throw new ChannelClosure('Client presence rate limit exceeded')
    if (call === 'track') return this.#track(payload)
    this.#hub.untrack(this.#options.channel, this)
    return { status: 'ok', response: {} }
  }

  leave(): void {
    this.#hasLeft = true
    this.#hub.leave(this.#options.channel, this)
  }

  async #track(payload: Json): Promise<ChannelReply> {
    const { rights, limits, channel } = this.#options
    if (!isObject(payload)) return { status: 'error', response: { reason: 'Presence track payload must be a map' } }
    if (Buffer.byteLength(JSON.stringify(payload)) > limits.payloadBytes) throw new ChannelClosure('Track message size exceeded')
    if (!(await rights.canWrite('presence'))) return { status: 'error', response: {} }
    if (!this.#isListening && (await rights.addPresence())) this.listen()
    if (!this.#hasLeft) this.#hub.track(channel, this, { key: this.#key, payload })
    return { status: 'ok', response: {} }
  }
}
