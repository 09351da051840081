import type { H3Event } from 'h3'
import { failure } from './utils/errors'

/**
 * Answers every error of /api in the shape `{ statusCode, statusMessage, message, data: { code, … } }`; pages keep Nuxt's error page.
 * An unexpected error becomes a plain 500. It is logged without its URL, because paths of invitations hold tokens.
 */
export default defineNitroErrorHandler((error, event) => {
  if (!/^\/api(?:[/?]|$)/.test(event.path)) return preventCaching(event)
  const isExpected = !error.unhandled && !error.fatal
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

function isCoded(data: unknown): data is { code: string; retry_after?: unknown } {
  return typeof data === 'object' && data !== null && 'code' in data
}
