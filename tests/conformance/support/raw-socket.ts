import { once } from 'node:events'
import { WebSocket } from 'ws'
import type { Backend } from './backend.ts'
import { Collector } from './collector.ts'

export type ArrayFrame = [joinRef: string | null, ref: string | null, topic: string, event: string, payload: Record<string, unknown>]

export interface RawSocket {
  socket: WebSocket
  /** Text frames before parsing. */
  texts: Collector<string>
  frames: Collector<ArrayFrame>
  binaries: Collector<Buffer>
  send(frame: unknown): void
  /** Joins and waits for the reply. */
  join(topic: string, config?: Record<string, unknown>, options?: { joinRef?: string; token?: string }): Promise<ArrayFrame>
}

const opened = new Set<WebSocket>()

/** Opens a websocket without the client library, for tests that check frames. */
export async function openRaw(backend: Backend, options: { version?: string; key?: string } = {}): Promise<RawSocket> {
  const { version = '2.0.0', key = backend.key } = options
  const socket = new WebSocket(`${backend.url.replace('http', 'ws')}/realtime/v1/websocket?apikey=${key}&vsn=${version}`)
  opened.add(socket)
  const texts = new Collector<string>()
  const frames = new Collector<ArrayFrame>()
  const binaries = new Collector<Buffer>()
  socket.on('message', (data, isBinary) => {
    if (isBinary) return binaries.push(data as Buffer)
    const text = (data as Buffer).toString('utf8')
    texts.push(text)
    frames.push(JSON.parse(text) as ArrayFrame)
  })
  await once(socket, 'open')
  const send = (frame: unknown) => socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame))
  return {
    socket,
    texts,
    frames,
    binaries,
    send,
    async join(topic, config = {}, { joinRef = '1', token } = {}) {
      send([joinRef, joinRef, topic, 'phx_join', { config, ...(token ? { access_token: token } : {}) }])
      return frames.find(([, ref, to, event]) => ref === joinRef && to === topic && event === 'phx_reply')
    }
  }
}

export function closeRawSockets(): void {
  for (const socket of opened) socket.terminate()
  opened.clear()
}

/** Encodes Realtime's binary frame for a broadcast from a client (kind 3). */
export function userBroadcastPush(parts: {
  joinRef: string
  ref: string
  topic: string
  event: string
  payload: Buffer
  isJson: boolean
}): Buffer {
  const strings = [parts.joinRef, parts.ref, parts.topic, parts.event, ''].map(part => Buffer.from(part, 'utf8'))
  return Buffer.concat([Buffer.from([3, ...strings.map(part => part.length), parts.isJson ? 1 : 0]), ...strings, parts.payload])
}
