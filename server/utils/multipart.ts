import { Busboy, type BusboyConfig, type BusboyHeaders } from '@fastify/busboy'
import type { H3Event } from 'h3'

export interface MultipartReader<T> {
  limits: BusboyConfig['limits']
  /** What the sender sends, in messages: "file". */
  noun: string
  /** Attaches handlers to the parser, before it gets any byte. `stop` refuses the body. */
  listen: (body: MultipartBody) => {
    /** Called for each chunk of the body. */
    onData?: (chunk: Buffer) => void
    result: () => Promise<T>
    /** Called when no more of the body is parsed, whatever the outcome. */
    close: () => Promise<void>
  }
}

export interface MultipartBody {
  parser: InstanceType<typeof Busboy>
  /** Resolves when the whole body is parsed. */
  parsed: Promise<void>
  /** Rejects when the body is refused. */
  stopped: Promise<never>
  stop: (error: unknown) => void
}

/** How long a sender may pause. */
const senderIdleMs = 30_000
// Of many bodies that arrive at once, only these are read; the others wait in the kernel's buffers. Buffers are then freed soon after they
// were filled, before the garbage collector moves them to the old generation. Waiting for a slow sender takes no turn.
const parsedAtOnce = 8

export const malformed = () => failure(400, 'malformed', 'The body is not valid multipart/form-data')

/** Parses a multipart body. Throws 400 for a malformed body and one that ends too early, 408 when the sender pauses for 30 seconds. */
export async function readMultipart<T>(event: H3Event, { limits, noun, listen }: MultipartReader<T>): Promise<T> {
  const { req } = event.node
  const parser = openParser(event, limits)
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>()
  stopped.catch(() => {})
  const parsed = new Promise<void>((resolve, reject) => {
    parser.once('finish', resolve)
    parser.once('error', () => reject(malformed()))
  })
  parsed.catch(() => {})
  const { onData, result, close } = listen({ parser, parsed, stopped, stop })

  const idle = setTimeout(() => stop(failure(408, 'timeout', `No part of the ${noun} arrived for 30 seconds`)), senderIdleMs)
  // Also emitted after a complete body.
  const breakOff = () => {
    if (!req.complete) stop(failure(400, 'malformed', 'The body ended too early'))
  }
  req.once('close', breakOff).once('error', breakOff)
  let isClosed = false
  let goOn = () => {}
  parser.on('drain', () => goOn())
  let state: 'idle' | 'reading' | 'has more' = 'idle'
  const readChunk = async () => {
    const chunk = isClosed ? null : (req.read() as Buffer | null)
    if (!chunk) return
    idle.refresh()
    onData?.(chunk)
    if (!parser.write(chunk)) await new Promise<void>(resolve => (goOn = resolve))
  }
  // Also called at the end of the body, which reading makes known.
  const readNext = async () => {
    if (state !== 'idle') {
      state = 'has more'
      return
    }
    do {
      state = 'reading'
      await runInTurn([{ key: 'parse', max: parsedAtOnce }], readChunk, () => tooManyRequests(event, 10, 'files at once'), senderIdleMs)
    } while (isMoreThere())
    state = 'idle'
  }
  const isMoreThere = () => !isClosed && (state === 'has more' || req.readableLength > 0)
  const onReadable = () => void readNext().catch(stop)
  const end = () => parser.end()
  req.on('readable', onReadable).once('end', end)
  try {
    return await result()
  } finally {
    clearTimeout(idle)
    isClosed = true
    goOn()
    req.off('readable', onReadable).off('end', end).off('close', breakOff).off('error', breakOff)
    await close()
  }
}

function openParser(event: H3Event, limits: BusboyConfig['limits']): InstanceType<typeof Busboy> {
  try {
    return new Busboy({
      headers: event.node.req.headers as BusboyHeaders,
      fileHwm: 1, // the parser wants more when the last chunk was taken
      limits: { ...limits, headerPairs: 20, headerSize: 8_192 }
    })
  } catch {
    throw malformed()
  }
}
