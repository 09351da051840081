import { setImmediate } from 'node:timers/promises'
import type { H3Event } from 'h3'
import { isInternalRequest, pageNetwork } from '../utils/internal-request'

const maxTurnMs = 200 // several times what rendering takes

/**
 * A rendered page costs more than most routes, so pages are counted per network and rendered one at a time. Requests that a page makes
 * to our own routes while it is rendered count for the network of the page.
 */
export default defineEventHandler(async event => {
  event.context.network = pageNetwork(event) ?? connectionNetwork(event)
  if (/^\/(?:api\/|healthz$|readyz$)/.test(event.path)) return
  try {
    const isRenderedHere = (getRouteRules(event) as { ssr?: boolean }).ssr !== false
    if (isRenderedHere) await countRequest(event, 'page', clientNetwork(event))
    if (!isInternalRequest(event)) await takePageTurn(event)
  } catch (error) {
    if (!isError(error) || error.statusCode !== 429) throw error
    const { retry_after: seconds } = (error.data ?? {}) as { retry_after?: number }
    await drainRequest(event)
    if (isForClients(event.path)) return sendPlainPage(event, 429, { seconds })
    setResponseStatus(event, 429)
    setHeader(event, 'content-type', 'text/plain; charset=utf-8')
    return error.message
  }
})

// Holds the turn until the page is rendered, but at most `maxTurnMs`, so that a page that waits for the database does not delay others.
// Between two pages the event loop serves other requests.
async function takePageTurn(event: H3Event): Promise<void> {
  await new Promise<void>((admit, refuse) => {
    const render = () =>
      new Promise<void>(release => {
        if (event.node.req.socket.destroyed) return release() // the client disconnected while it waited
        const timer = setTimeout(release, maxTurnMs)
        const end = () => {
          clearTimeout(timer)
          release()
        }
        event.context.endPageTurn = end
        event.node.res.once('close', end)
        admit()
      })
    runInTurn([{ key: 'page', max: 1 }], render, () => tooManyRequests(event, 1, 'pages at once')).catch(refuse)
  })
  await setImmediate()
}
