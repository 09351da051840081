import { createHmac } from 'node:crypto'
import type { LookupAddress, LookupOptions } from 'node:dns'
import { Agent as HttpAgent, request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as requestHttps } from 'node:https'
import type { WebhookError } from '#shared/types/api'
import { AddressRefusal, UnresolvedName, isSameAddress, readTarget, resolveTarget, type AddressPolicy, type Resolve } from './address'

export interface OutgoingWebhook {
  /** The same for each attempt. */
  id: string
  url: string
  payload: string
  /** Seconds since 1970. */
  timestamp: number
  /** The newest first. */
  secrets: string[]
}

export interface WebhookAnswer {
  status: number | null
  /** Null: a status of 2xx. */
  error: WebhookError | null
  /** The first 4 kB of the body, with signatures and secrets masked. */
  response: string | null
  /** Seconds from the Retry-After header of a 429 or 503. */
  retryAfter: number | null
}

export interface SendOptions {
  policy: AddressPolicy
  stopping?: AbortSignal
  timeoutMs?: number
  resolve?: Resolve
}

const timeoutMs = 10_000
const maxReadBytes = 65_536
const maxKeptBytes = 4_096
const maxRetryAfter = 24 * 3600

/**
 * Makes one attempt to deliver a webhook: one request, on a new connection, to a checked address. Follows no redirects and uses no proxy.
 * Throws only when `stopping` is aborted.
 */
export async function sendWebhook(webhook: OutgoingWebhook, options: SendOptions): Promise<WebhookAnswer> {
  const { stopping, timeoutMs: giveUpAfterMs = timeoutMs } = options
  const timeout = AbortSignal.timeout(giveUpAfterMs)
  const signal = stopping ? AbortSignal.any([stopping, timeout]) : timeout
  const headers = signedHeaders(webhook)
  try {
    const { status, text, retryAfter } = await abortable(post(webhook, headers, options, signal), signal)
    return {
      status,
      error: errorOf(status),
      response: redactSecrets(text, webhook.secrets, headers),
      retryAfter: status === 429 || status === 503 ? retryAfter : null
    }
  } catch (error) {
    if (stopping?.aborted) throw error
    return { status: null, error: timeout.aborted ? 'timeout' : classifyError(error), response: null, retryAfter: null }
  }
}

/**
 * The headers that receivers verify. `X-Ticketing-Signature` is the HMAC of the raw body with the text of the newest secret. The others
 * follow Standard Webhooks (github.com/standard-webhooks): an HMAC of `id.timestamp.body` for each secret, whose base64 key follows
 * "whsec_".
 */
export function signedHeaders({
  id,
  timestamp,
  payload,
  secrets
}: Pick<OutgoingWebhook, 'id' | 'timestamp' | 'payload' | 'secrets'>): Record<string, string> {
  const signatures = secrets.map(
    secret => `v1,${createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${payload}`).digest('base64')}`
  )
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    ...(secrets.length > 0 && {
      'webhook-signature': signatures.join(' '),
      'X-Ticketing-Signature': `sha256=${createHmac('sha256', secrets[0]!).update(payload).digest('hex')}`
    })
  }
}

function keyOf(secret: string): Buffer {
  return secret.startsWith('whsec_') ? Buffer.from(secret.slice(6), 'base64') : Buffer.from(secret)
}

async function post(
  { url: text, payload }: OutgoingWebhook,
  headers: Record<string, string>,
  { policy, resolve }: SendOptions,
  signal: AbortSignal
): Promise<{ status: number; text: string; retryAfter: number | null }> {
  const target = readTarget(text, policy)
  const addresses = await resolveTarget(target, policy, resolve)
  signal.throwIfAborted()
  const body = Buffer.from(payload)
  const isSecure = target.url.protocol === 'https:'
  // A new agent, so that no connection is reused and no environment variable sets a proxy.
  const agent = isSecure ? new HttpsAgent({ keepAlive: false, rejectUnauthorized: true }) : new HttpAgent({ keepAlive: false })
  const request = (isSecure ? requestHttps : requestHttp)({
    method: 'POST',
    host: target.host,
    port: target.port,
    path: `${target.url.pathname}${target.url.search}`,
    headers: {
      'Host': target.url.host,
      'Content-Type': 'application/json',
      'Content-Length': body.length,
      'User-Agent': 'Switchboard-Webhooks',
      'Accept': '*/*',
      'Connection': 'close',
      ...headers
    },
    agent,
    signal,
    maxHeaderSize: 16_384,
    lookup: (_host: string, wanted: LookupOptions, done: (error: null, address: string | LookupAddress[], family?: number) => void) =>
      wanted.all ? done(null, addresses) : done(null, addresses[0]!.address, addresses[0]!.family)
  })
  try {
    const response = await answerOf(request, body, addresses)
    return { status: response.statusCode ?? 0, text: await read(response), retryAfter: secondsOf(response.headers['retry-after']) }
  } finally {
    request.destroy()
    agent.destroy()
  }
}

function answerOf(request: ClientRequest, body: Buffer, addresses: LookupAddress[]): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', resolve)
    // Check the address of the actual connection before anything is written to it.
    request.on('socket', socket =>
      socket.once('connect', () => {
        if (!addresses.some(({ address }) => isSameAddress(address, socket.remoteAddress)))
          return request.destroy(new AddressRefusal('private_address'))
        request.end(body)
      })
    )
  })
}

// Stops reading at `maxReadBytes`.
async function read(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk)
    size += chunk.length
    if (size >= maxReadBytes) break
  }
  return Buffer.concat(chunks).subarray(0, maxReadBytes).toString('utf8')
}

// Resolving a name cannot be aborted, so this stops waiting for it.
function abortable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

function errorOf(status: number): WebhookError | null {
  if (status >= 200 && status < 300) return null
  if (status >= 300 && status < 400) return 'redirect'
  return status === 410 ? 'gone' : 'status'
}

function classifyError(error: unknown): WebhookError {
  if (error instanceof AddressRefusal) return 'private_address'
  if (error instanceof UnresolvedName) return 'dns'
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'ETIMEDOUT') return 'timeout'
  if (code === 'HPE_HEADER_OVERFLOW') return 'too_large'
  if (code.startsWith('HPE_')) return 'protocol'
  return /^(ERR_TLS|ERR_SSL|CERT_|EPROTO)|CERT|SIGNATURE|ISSUER|CRL/.test(code) ? 'tls' : 'refused'
}

// A receiver may echo the request. Its secrets must not appear in the delivery log.
function redactSecrets(text: string, secrets: string[], headers: Record<string, string>): string {
  const signatures = [
    headers['X-Ticketing-Signature']?.slice(7),
    ...(headers['webhook-signature'] ?? '').split(' ').map(signature => signature.slice(3))
  ]
  const hidden = [...secrets, ...secrets.map(secret => secret.replace(/^whsec_/, '')), ...signatures].filter(
    value => value !== undefined && value !== ''
  ) as string[]
  const shown = hidden.reduce(
    (rest, value) => rest.replaceAll(value, '[masked]').replaceAll(value.replaceAll('/', '\\/'), '[masked]'),
    text
  )
  // Postgres cannot store NUL. The last character may be cut in two: drop it.
  return Buffer.from(shown.replaceAll('\0', ''))
    .subarray(0, maxKeptBytes - 3)
    .toString('utf8')
    .replace(/\ufffd$/, '')
}

function secondsOf(header: string | undefined): number | null {
  if (!header) return null
  const seconds = /^\d{1,9}$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - Date.now()) / 1000)
  return Number.isFinite(seconds) ? Math.min(Math.max(0, seconds), maxRetryAfter) : null
}
