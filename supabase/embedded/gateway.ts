import { timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { getRequestListener } from '@hono/node-server'
import { clientAddress } from '../../network/address.ts'
import type { Inbox } from './inbox.ts'
import type { Log } from './postgres.ts'

export type Realtime = {
  stop(): Promise<void>
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
  /** Resolves to false, without an answer, when the path does not belong to the realtime server. */
  handleRequest(request: IncomingMessage, response: ServerResponse): Promise<boolean>
}

export type GatewayOptions = {
  /** The accepted API keys. */
  keys: string[]
  /** Addresses whose X-Forwarded-For is trusted. network/address.ts defines the format. */
  trustedProxies: string
  auth: (request: Request, ip: string) => Promise<Response>
  storage: (request: Request) => Promise<Response>
  realtime: Realtime
  inbox: Inbox
  log: Log
}

type Gateway = {
  handleRequest(request: IncomingMessage, response: ServerResponse): void
  handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void
}

const pathsWithoutKey = ['/auth/v1/.well-known/jwks.json', '/auth/v1/.well-known/openid-configuration']

/** Routes the requests of one port to the parts of the stack, as Supabase's API gateway does: checks the API key, adds CORS headers. */
export function createGateway(options: GatewayOptions): Gateway {
  const keys = options.keys.map(key => Buffer.from(key))
  const isKey = (candidate: string | null) =>
    candidate !== null && keys.some(key => key.length === Buffer.byteLength(candidate) && timingSafeEqual(key, Buffer.from(candidate)))

  const serveApi = getRequestListener(
    async (request, bindings) => {
      const { pathname, searchParams } = new URL(request.url)
      if (request.method === 'OPTIONS') return new Response(null, { status: 204, headers: preflightHeaders(request) })
      try {
        return addCorsHeaders(
          await routeApiRequest(
            request,
            pathname,
            searchParams,
            clientAddress((bindings as { incoming: IncomingMessage }).incoming, options.trustedProxies)
          )
        )
      } catch (error) {
        options.log(`${request.method} ${pathname} failed: ${error instanceof Error ? error.message : String(error)}`)
        return addCorsHeaders(
          Response.json(
            { code: 500, error_code: 'unexpected_failure', msg: 'Unexpected failure, please check server logs for more information' },
            { status: 500 }
          )
        )
      }
    },
    { overrideGlobalObjects: false }
  )

  async function routeApiRequest(request: Request, pathname: string, query: URLSearchParams, ip: string): Promise<Response> {
    if (pathname.startsWith('/storage/v1/')) return options.storage(request)
    if (!pathsWithoutKey.includes(pathname)) {
      const key = request.headers.get('apikey') ?? query.get('apikey')
      if (key === null)
        return Response.json(
          { message: 'No API key found in request', hint: 'No `apikey` request header or url param was found.' },
          { status: 401 }
        )
      if (!isKey(key)) return Response.json({ message: 'Invalid API key', hint: 'Double check your Supabase `apikey`' }, { status: 401 })
    }
    if (pathname.startsWith('/auth/v1/')) return options.auth(request, ip)
    if (pathname.startsWith('/rest/v1'))
      return Response.json(
        {
          code: 'PGRST000',
          message: 'The embedded Supabase does not serve the Data API. Use DATABASE_URL or hosted Supabase.',
          details: null,
          hint: null
        },
        { status: 404 }
      )
    return Response.json({ message: 'no Route matched with those values' }, { status: 404 })
  }

  return {
    handleRequest(request, response) {
      const path = (request.url ?? '/').split('?', 1)[0]!
      const route = async () => {
        if (path === '/inbox' || path.startsWith('/inbox/')) await options.inbox.handleRequest(request, response)
        else if (path === '/') response.writeHead(302, { location: '/inbox' }).end()
        else if (!(path.startsWith('/realtime/v1') && (await options.realtime.handleRequest(request, response))))
          await serveApi(request, response)
      }
      route().catch((error: Error) => {
        options.log(`${request.method} ${path} failed: ${error.message}`)
        if (!response.headersSent) response.writeHead(500)
        response.end()
      })
    },
    handleUpgrade(request, socket, head) {
      if (request.url?.startsWith('/realtime/v1/')) options.realtime.handleUpgrade(request, socket, head)
      else socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    }
  }
}

// As on hosted, any origin may call. No cookie authenticates a request, so this is safe.
function preflightHeaders(request: Request): Record<string, string> {
  return {
    'access-control-allow-origin': '*',
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS',
    'access-control-allow-headers': request.headers.get('access-control-request-headers') ?? '*',
    'access-control-max-age': '3600'
  }
}

function addCorsHeaders(response: Response): Response {
  const headers = new Headers(response.headers)
  headers.set('access-control-allow-origin', '*')
  headers.set('access-control-expose-headers', 'content-range, retry-after, x-sb-error-code, x-supabase-api-version')
  headers.delete('access-control-allow-credentials')
  headers.set('x-content-type-options', 'nosniff')
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers })
}
