import type { H3Event } from 'h3'
import { failure } from './utils/errors'

/**
 * Errors of /api in their one shape, `{ statusCode, statusMessage, message, data: { code, … } }`, whoever threw them;
 * pages keep Nuxt's error page. What was not meant for people becomes a plain 500, and is logged without its address:
 * paths of invitations hold tokens.
 */
export default defineNitroErrorHandler((error, event) => {
  if (!/^\/api(?:[/?]|$)/.test(event.path)) return keepFromCaches(event)
  const isOurs = !error.unhandled && !error.fatal
  if (!isOurs) console.error(`An error in ${event.method} ${event.context.matchedRoute?.path ?? 'an unknown route'}:`, error)
  const { statusCode, statusMessage, message, data } = isOurs ? error : failure(500, 'internal', 'Something went wrong on our side')
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

// Nuxt's error page answers a 404 with no-cache, which lets a cache keep it.
function keepFromCaches(event: H3Event): void {
  const { res } = event.node
  const { setHeader } = res
  res.setHeader = (name, value) => setHeader.call(res, name, name.toLowerCase() === 'cache-control' ? 'no-store' : value)
  setHeader.call(res, 'cache-control', 'no-store')
}

function isCoded(data: unknown): data is { code: string; retry_after?: unknown } {
  return typeof data === 'object' && data !== null && 'code' in data
}
