import type { IncomingMessage, ServerResponse } from 'node:http'
import { ChannelError } from './authorizer.ts'
import type { Broadcast } from './broadcast.ts'
import { isObject } from './serializer.ts'
import type { Json } from './serializer.ts'
import type { Services } from './services.ts'
import { TokenError } from './tokens.ts'
import type { Identity } from './tokens.ts'

interface Answer {
  status: number
  body?: Json
}

interface Target {
  name: string
  isPrivate: boolean
}

const prefix = '/realtime/v1/api'
const cors = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': 'authorization, apikey, content-type, x-client-info',
  'access-control-allow-methods': 'GET, POST, OPTIONS',
  'access-control-max-age': '86400'
}

class HttpError extends Error {
  readonly answer: Answer

  constructor(status: number, body: Json) {
    super(`HTTP ${status}`)
    this.answer = { status, body }
  }
}

/** Answers /realtime/v1/api/…. Resolves to false, without an answer, for any other path. */
export async function handleApiRequest(services: Services, request: IncomingMessage, response: ServerResponse): Promise<boolean> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (!url.pathname.startsWith(`${prefix}/`)) return false
  let answer: Answer
  try {
    answer = await route(services, request, url)
  } catch (error) {
    answer = toAnswer(services, error)
  }
  const body = answer.body === undefined ? '' : JSON.stringify(answer.body)
  response.writeHead(answer.status, { ...cors, ...(body === '' ? {} : { 'content-type': 'application/json; charset=utf-8' }) })
  response.end(body)
  return true
}

async function route(services: Services, request: IncomingMessage, url: URL): Promise<Answer> {
  const path = url.pathname.slice(prefix.length)
  if (request.method === 'OPTIONS') return { status: 204 }
  if (path === '/ping' && request.method === 'GET') return { status: 200, body: { message: 'Success' } }
  if (path === '/health' && request.method === 'GET') {
    const isHealthy = services.isReplicating()
    return { status: isHealthy ? 200 : 503, body: { data: { healthy: isHealthy, replication_connected: isHealthy } } }
  }
  if (request.method !== 'POST') return notFound
  if (path === '/broadcast') return broadcastBatch(services, request)
  const singleMatch = /^\/broadcast\/([^/]+)\/events\/([^/]+)$/.exec(path)
  if (!singleMatch) return notFound
  const target = { name: decode(singleMatch[1]), isPrivate: url.searchParams.get('private') === 'true' }
  return broadcastSingle(services, request, { target, event: decode(singleMatch[2]) })
}

const notFound: Answer = { status: 404, body: { message: 'Not Found' } }

/** Publishes messages to several channels. As on hosted, messages for channels without write permission are dropped silently. */
async function broadcastBatch(services: Services, request: IncomingMessage): Promise<Answer> {
  const identity = await authenticate(services, request)
  const body = parseJson(await readBody(services, request))
  const messages = isObject(body) ? body.messages : undefined
  if (!Array.isArray(messages)) return { status: 422, body: { errors: { messages: ["can't be blank"] } } }
  const parsed = messages.map(message => parseMessage(message, services.limits.payloadBytes))
  if (parsed.some(({ errors }) => Object.keys(errors).length > 0)) {
    return { status: 422, body: { errors: { messages: parsed.map(({ errors }) => errors) } } }
  }
  if (!services.messages.take(messages.length)) return tooManyRequests
  for (const { target, broadcast } of parsed) {
    if (await mayWrite(services, request, { target, identity })) services.broadcasts.publish(target, broadcast)
  }
  return { status: 202 }
}

const tooManyRequests: Answer = { status: 429, body: { message: 'Too many requests' } }

async function broadcastSingle(
  services: Services,
  request: IncomingMessage,
  { target, event }: { target: Target; event: string }
): Promise<Answer> {
  const identity = await authenticate(services, request)
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim()
  if (type !== 'application/json' && type !== 'application/octet-stream') {
    return { status: 415, body: { error: 'Unsupported Media Type. Use application/json or application/octet-stream' } }
  }
  const body = await readBody(services, request)
  const isJson = type === 'application/json'
  const parsed = isJson ? parseJson(body) : null
  const payload = isJson && !isObject(parsed) ? Buffer.from(JSON.stringify({ _json: parsed })) : body
  if (!services.messages.take()) return tooManyRequests
  if (!(await mayWrite(services, request, { target, identity }))) return { status: 403, body: { message: 'Unauthorized' } }
  services.broadcasts.publish(target, { kind: 'user', event, metadata: '', encoding: isJson ? 'json' : 'binary', payload })
  return { status: 202 }
}

async function authenticate(services: Services, request: IncomingMessage): Promise<Identity> {
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  const apiKey = request.headers.apikey
  const credential = bearer ?? (typeof apiKey === 'string' ? apiKey : undefined)
  if (credential === undefined) throw unauthorizedError()
  return services.tokens.verifyApiKey(credential)
}

function mayWrite(
  services: Services,
  request: IncomingMessage,
  { target, identity }: { target: Target; identity: Identity }
): Promise<boolean> {
  if (!target.isPrivate) return Promise.resolve(!services.privateOnly)
  return services.authorizer.isWritable({ name: target.name, identity, headers: extraHeaders(request) }, 'broadcast')
}

/** The headers that policies can read through the setting `request.headers`. */
export function extraHeaders(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(request.headers).filter(([name, value]) => name.startsWith('x-') && name !== 'x-api-key' && typeof value === 'string')
  ) as Record<string, string>
}

function parseMessage(message: Json, maxBytes: number): { target: Target; broadcast: Broadcast; errors: { [field: string]: string[] } } {
  const { topic, event, payload, private: isPrivate = false, id } = isObject(message) ? message : {}
  const errors: { [field: string]: string[] } = {}
  if (typeof topic !== 'string' || topic === '') errors.topic = ["can't be blank"]
  if (typeof event !== 'string' || event === '') errors.event = ["can't be blank"]
  if (!isObject(payload)) errors.payload = [payload === undefined || payload === null ? "can't be blank" : 'is invalid']
  else if (Buffer.byteLength(JSON.stringify(payload)) > maxBytes) errors.payload = ['Payload size exceeds tenant limit']
  if (typeof isPrivate !== 'boolean') errors.private = ['is invalid']
  const meta = typeof id === 'string' ? { meta: { id } } : {}
  return {
    target: { name: String(topic), isPrivate: isPrivate === true },
    broadcast: { kind: 'object', payload: { type: 'broadcast', event, payload, ...meta } },
    errors
  }
}

async function readBody(services: Services, request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > services.limits.payloadBytes) throw new HttpError(422, { errors: { payload: ['Payload size exceeds tenant limit'] } })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function parseJson(body: Buffer): Json {
  try {
    return JSON.parse(body.toString('utf8')) as Json
  } catch {
    throw new HttpError(400, { message: 'The body is not valid JSON' })
  }
}

function decode(part = ''): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new HttpError(400, { message: 'The path is not valid' })
  }
}

function unauthorizedError(): HttpError {
  return new HttpError(401, { message: 'Unauthorized' })
}

function toAnswer(services: Services, error: unknown): Answer {
  if (error instanceof HttpError) return error.answer
  if (error instanceof TokenError) return unauthorizedError().answer
  if (error instanceof ChannelError) return { status: 503, body: { message: error.message } }
  services.log(`realtime: an HTTP request failed: ${(error as Error).message}`)
  return { status: 500, body: { message: 'Internal Server Error' } }
}
