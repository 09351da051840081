import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { extraHeaders } from './http.ts'
import type { SocketOptions } from './socket.ts'
import { TokenError } from './tokens.ts'
import type { Tokens } from './tokens.ts'

export interface Refusal {
  status: number
  error: string
}

const paths = new Set(['/realtime/v1/websocket', '/socket/websocket'])
const statusTexts: Record<number, string> = {
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable'
}

/** Validates the path, protocol version and API key of an upgrade request. */
export async function readHandshake(tokens: Tokens, request: IncomingMessage): Promise<SocketOptions | Refusal> {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (!paths.has(url.pathname)) return { status: 404, error: 'Not found' }
  const version = versionOf(url.searchParams.get('vsn') ?? '1.0.0')
  if (version === null) return { status: 403, error: 'Unsupported protocol version' }
  const header = request.headers['x-api-key']
  const key = typeof header === 'string' ? header : url.searchParams.get('apikey')
  if (!key) return { status: 401, error: 'API key is missing' }
  try {
    return { version, identity: await tokens.verifyApiKey(key), headers: extraHeaders(request) }
  } catch (error) {
    if (!(error instanceof TokenError)) throw error
    return { status: 401, error: error.message.startsWith('Token has expired') ? 'Token has expired' : error.message }
  }
}

/** Answers an upgrade request with an HTTP error. */
export function refuseUpgrade(stream: Duplex, { status, error }: Refusal): void {
  const body = JSON.stringify({ error })
  stream.end(
    [
      `HTTP/1.1 ${status} ${statusTexts[status] ?? 'Error'}`,
      'Content-Type: application/json; charset=utf-8',
      `Content-Length: ${Buffer.byteLength(body)}`,
      'Connection: close',
      '',
      body
    ].join('\r\n')
  )
}

function versionOf(vsn: string): 1 | 2 | null {
  if (/^1\.0\.\d+$/.test(vsn)) return 1
  return /^2\.0\.\d+$/.test(vsn) ? 2 : null
}
