import type { H3Event } from 'h3'
import { drainRequest } from './utils/drain'
import { failure } from './utils/errors'
import { isForClients, sendPlainPage } from './utils/portal-plain-page'

/**
 * Answers every error of /api in the shape `{ statusCode, statusMessage, message, data: { code, … } }`. Clients get a page in their language;
 * other pages keep Nuxt's error page.
 * An unexpected error becomes a plain 500. It is logged without its URL, because paths of invitations hold tokens.
 */
export default defineNitroErrorHandler(async (error, event) => {
  await drainRequest(event)
  const isExpected = !error.unhandled && !error.fatal
  if (isForClients(event.path) && (!event.path.startsWith('/api/') || acceptsPages(event))) {
    // A page that does not exist is thrown as fatal.
    if (!isExpected && error.statusCode >= 500) console.error(`An error in ${event.method} of a page for clients:`, error)
    const { retry_after: seconds, code } = (isCoded(error.data) ? error.data : {}) as { code?: string; retry_after?: number }
    return sendPlainPage(event, error.statusCode, { code, seconds })
  }
  if (!/^\/api(?:[/?]|$)/.test(event.path)) return preventCaching(event)
  if (!isExpected) console.error(`An error in ${event.method} ${event.context.matchedRoute?.path ?? 'an unknown route'}:`, error)
  const { statusCode, statusMessage, message, data } = isExpected ? error : failure(500, 'internal', 'Something went wrong on our side')
  setResponseStatus(event, statusCode, statusMessage)
  setResponseHeaders(event, {
    'content-type': 'application/json',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'"
  })
  if (isCoded(data) && statusCode === 429 && typeof data.retry_after === 'number') setResponseHeader(event, 'retry-after', data.retry_after)
  return send(event, JSON.stringify({ statusCode, statusMessage, message, data: isCoded(data) ? data : { code: 'refused' } }))
})

// Nuxt's error page answers a 404 with no-cache, which still lets caches store it.
function preventCaching(event: H3Event): void {
  const { res } = event.node
  const { setHeader } = res
  res.setHeader = (name, value) => setHeader.call(res, name, name.toLowerCase() === 'cache-control' ? 'no-store' : value)
  setHeader.call(res, 'cache-control', 'no-store')
}

// Not a script that asks for JSON.
function acceptsPages(event: H3Event): boolean {
  return /text\/html/.test(event.node.req.headers.accept ?? '')
}

function isCoded(data: unknown): data is { code: string; retry_after?: unknown } {
  return typeof data === 'object' && data !== null && 'code' in data
}
