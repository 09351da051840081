import { randomUUID } from 'node:crypto'
import type { ChannelRights } from './channel-rights.ts'
import { ChannelClosure } from './channel-reply.ts'
import type { ChannelReply } from './channel-reply.ts'
import type { PresenceHub, PresenceListener } from './presence.ts'
import { RateLimit } from './rate.ts'
import { isObject } from './serializer.ts'
import type { Json } from './serializer.ts'
import type { RealtimeLimits } from './limits.ts'

export interface PresenceStart {
  /** The channel's name among all, public and private. */
  channel: string
  /** What the client is present as; generated when it does not say. */
  key: string | null
  rights: ChannelRights
  limits: RealtimeLimits
  push(event: 'presence_state' | 'presence_diff', payload: string): void
}

/** One channel's part in presence: what it shows of itself and hears of others. */
export class ChannelPresence implements PresenceListener {
  readonly #hub: PresenceHub
  readonly #start: PresenceStart
  readonly #key: string
  readonly #calls: RateLimit
  #isListening = false
  #hasLeft = false

  constructor(hub: PresenceHub, start: PresenceStart) {
    this.#hub = hub
    this.#start = start
    this.#key = start.key ?? randomUUID()
    this.#calls = new RateLimit(start.limits.presenceCalls, start.limits.presenceWindowMs)
  }

  /** Sends the state of now and, from then on, what changes. */
  listen(): void {
    if (this.#isListening || this.#hasLeft) return
    this.#isListening = true
    this.#start.push('presence_state', this.#hub.join(this.#start.channel, this))
  }

  hearPresence(diff: string): void {
    this.#start.push('presence_diff', diff)
  }

  /** Answers a client's track or untrack. @throws ChannelClosure when it goes too far */
  async handle(message: Json): Promise<ChannelReply> {
    const { event, payload = {} } = isObject(message) ? message : {}
    const call = typeof event === 'string' ? event.toLowerCase() : ''
    if (call !== 'track' && call !== 'untrack') return { status: 'error', response: {} }
    if (!this.#calls.take()) throw new ChannelClosure('Client presence rate limit exceeded')
    if (call === 'track') return this.#track(payload)
    this.#hub.untrack(this.#start.channel, this)
    return { status: 'ok', response: {} }
  }

  leave(): void {
    this.#hasLeft = true
    this.#hub.leave(this.#start.channel, this)
  }

  async #track(payload: Json): Promise<ChannelReply> {
    const { rights, limits, channel } = this.#start
    if (!isObject(payload)) return { status: 'error', response: { reason: 'Presence track payload must be a map' } }
    if (Buffer.byteLength(JSON.stringify(payload)) > limits.payloadBytes) throw new ChannelClosure('Track message size exceeded')
    if (!(await rights.canWrite('presence'))) return { status: 'error', response: {} }
    if (!this.#isListening && (await rights.addPresence())) this.listen()
    if (!this.#hasLeft) this.#hub.track(channel, this, { key: this.#key, payload })
    return { status: 'ok', response: {} }
  }
}
