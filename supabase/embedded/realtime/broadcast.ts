import { encodeText, encodeUserBroadcast, isObject } from './serializer.ts'
import type { Frame, JsonObject, ProtocolVersion, UserBroadcast } from './serializer.ts'

/** A message for the channels of one name. `object` payloads are forwarded unchanged. */
export type Broadcast = { id?: string } & (({ kind: 'user' } & UserBroadcast) | { kind: 'object'; payload: JsonObject })

export interface BroadcastListener {
  readonly version: ProtocolVersion
  receiveBroadcast(broadcast: Broadcast, frame: Frame): void
}

/** Public and private channels of one name are separate channels, with separate keys. */
export function channelKey(name: string, isPrivate: boolean): string {
  return `${isPrivate ? 'private' : 'public'}:${name}`
}

export class BroadcastHub {
  readonly counters = { published: 0, delivered: 0 }
  readonly #listeners = new Map<string, Set<BroadcastListener>>()

  join(key: string, listener: BroadcastListener): void {
    const listeners = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, listeners.add(listener))
  }

  leave(key: string, listener: BroadcastListener): void {
    const listeners = this.#listeners.get(key)
    listeners?.delete(listener)
    if (listeners?.size === 0) this.#listeners.delete(key)
  }

  publish(target: { name: string; isPrivate: boolean }, broadcast: Broadcast, except?: BroadcastListener): void {
    this.counters.published++
    const frames = new Map<ProtocolVersion, Frame | null>()
    for (const listener of this.#listeners.get(channelKey(target.name, target.isPrivate)) ?? []) {
      if (listener === except) continue
      let frame = frames.get(listener.version)
      if (frame === undefined) {
        frame = encodeBroadcast(listener.version, `realtime:${target.name}`, broadcast)
        frames.set(listener.version, frame)
      }
      if (frame === null) continue
      this.counters.delivered++
      listener.receiveBroadcast(broadcast, frame)
    }
  }
}

/** The frame for a protocol version, or null when the version cannot carry the message: version 1 has no binary payloads. */
export function encodeBroadcast(version: ProtocolVersion, topic: string, broadcast: Broadcast): Frame | null {
  const head = { joinRef: null, ref: null, topic, event: 'broadcast' }
  if (broadcast.kind === 'object') return encodeText(version, head, JSON.stringify(broadcast.payload))
  if (version === 2) {
    const frame = encodeUserBroadcast(topic, broadcast)
    if (frame) return frame
  }
  if (broadcast.encoding === 'binary') return null
  return encodeText(version, head, userPayload(broadcast, broadcast.metadata))
}

/** The payload of a text frame for a user broadcast, as JSON text. */
export function userPayload(broadcast: UserBroadcast, metadata: string): string {
  const meta = metadata === '' ? '' : `,"meta":${metadata}`
  return `{"type":"broadcast","event":${JSON.stringify(broadcast.event)},"payload":${broadcast.payload.toString('utf8')}${meta}}`
}

/** A broadcast from the payload of a client's text frame, or null when the payload is not an object. */
export function broadcastOf(payload: unknown): Broadcast | null {
  return isObject(payload) ? { kind: 'object', payload } : null
}
