export type ProtocolVersion = 1 | 2
export type Json = null | boolean | number | string | Json[] | { [key: string]: Json | undefined }
export type JsonObject = { [key: string]: Json | undefined }

export interface UserBroadcast {
  event: string
  /** JSON text of the metadata, empty when there is none. */
  metadata: string
  encoding: 'json' | 'binary'
  payload: Buffer
}

export interface ClientMessage {
  joinRef: string | null
  ref: string | null
  topic: string
  event: string
  payload: Json
  broadcast?: UserBroadcast
}

export type Frame = string | Buffer

const userBroadcastPush = 3
const userBroadcast = 4

/** Decodes a client's frame, or returns null when it is malformed. Knows both text formats of Phoenix and Realtime's binary kind 3. */
export function decodeFrame(data: Buffer, isBinary: boolean, version: ProtocolVersion): ClientMessage | null {
  if (isBinary) return version === 2 ? decodeUserBroadcastPush(data) : null
  let message: unknown
  try {
    message = JSON.parse(data.toString('utf8'))
  } catch {
    return null
  }
  return version === 2 ? fromArray(message) : fromObject(message)
}

/** Encodes a text frame. `payload` is JSON text already. */
export function encodeText(
  version: ProtocolVersion,
  message: { joinRef: string | null; ref: string | null; topic: string; event: string },
  payload: string
): string {
  const ref = JSON.stringify(message.ref)
  const topic = JSON.stringify(message.topic)
  const event = JSON.stringify(message.event)
  return version === 2
    ? `[${JSON.stringify(message.joinRef)},${ref},${topic},${event},${payload}]`
    : `{"topic":${topic},"event":${event},"payload":${payload},"ref":${ref}}`
}

/** Encodes Realtime's binary kind 4, or returns null when topic, event or metadata exceed 255 bytes (their size is one byte). */
export function encodeUserBroadcast(topic: string, message: UserBroadcast): Buffer | null {
  const parts = [topic, message.event, message.metadata].map(part => Buffer.from(part, 'utf8'))
  if (parts.some(part => part.length > 255)) return null
  const header = Buffer.from([userBroadcast, ...parts.map(part => part.length), message.encoding === 'json' ? 1 : 0])
  return Buffer.concat([header, ...parts, message.payload])
}

function decodeUserBroadcastPush(data: Buffer): ClientMessage | null {
  if (data.length < 7 || data[0] !== userBroadcastPush) return null
  const sizes = [...data.subarray(1, 6)]
  let offset = 7
  const [joinRef = '', ref = '', topic = '', event = '', metadata = ''] = sizes.map(size => {
    const part = data.toString('utf8', offset, offset + size)
    offset += size
    return part
  })
  if (offset > data.length) return null
  const payload = data.subarray(offset)
  const encoding = data[6] === 1 ? 'json' : 'binary'
  if (encoding === 'json' && !isJson(payload.toString('utf8'))) return null
  return {
    joinRef: joinRef || null,
    ref: ref || null,
    topic,
    event: 'broadcast',
    payload: null,
    broadcast: { event, metadata, encoding, payload }
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function fromArray(message: unknown): ClientMessage | null {
  if (!Array.isArray(message) || message.length !== 5) return null
  const [joinRef, ref, topic, event, payload] = message
  return fromParts({ joinRef, ref, topic, event, payload })
}

function fromObject(message: unknown): ClientMessage | null {
  if (typeof message !== 'object' || message === null || Array.isArray(message)) return null
  const { join_ref: joinRef, ref, topic, event, payload } = message as Record<string, unknown>
  return fromParts({ joinRef, ref, topic, event, payload })
}

function fromParts(parts: Record<'joinRef' | 'ref' | 'topic' | 'event' | 'payload', unknown>): ClientMessage | null {
  const { joinRef, ref, topic, event, payload } = parts
  if (typeof topic !== 'string' || typeof event !== 'string') return null
  return { joinRef: parseRef(joinRef), ref: parseRef(ref), topic, event, payload: (payload ?? {}) as Json }
}

function parseRef(value: unknown): string | null {
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : null
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
