import { setImmediate } from 'node:timers/promises'
import type { H3Event } from 'h3'

const maxTurnMs = 200 // several times what rendering takes

/**
 * A rendered page costs more than most routes: pages are counted per network, and rendered one at a time. Requests of a page to our
 * own routes while it is rendered carry the network of the page: Nitro hands its context on.
 */
export default defineEventHandler(async event => {
  const isFromPage = '__unenv__' in event.node.req // so is the page of an error
  const { __unenv__: page } = event.node.req as { __unenv__?: { network?: string } }
  event.context.network = page?.network ?? connectionNetwork(event)
  if (/^\/(?:api\/|healthz$|readyz$)/.test(event.path)) return
  try {
    const isRenderedHere = (getRouteRules(event) as { ssr?: boolean }).ssr !== false
    if (isRenderedHere) await countRequest(event, 'page', clientNetwork(event))
    if (!isFromPage) await takePageTurn(event)
  } catch (error) {
    if (!isError(error) || error.statusCode !== 429) throw error
    setResponseStatus(event, 429)
    setHeader(event, 'content-type', 'text/plain; charset=utf-8')
    return error.message
  }
})

// Holds the turn until the page is rendered, at most `maxTurnMs`, so that a page that waits for the database delays no other. Between
// two pages the event loop serves other requests.
async function takePageTurn(event: H3Event): Promise<void> {
  await new Promise<void>((admit, refuse) => {
    const render = () =>
      new Promise<void>(release => {
        if (event.node.req.socket.destroyed) return release() // gone while it waited
        const timer = setTimeout(release, maxTurnMs)
        const end = () => {
          clearTimeout(timer)
          release()
        }
        event.context.endPageTurn = end
        event.node.res.once('close', end)
        admit()
      })
    runInTurn([{ key: 'page', most: 1 }], render, () => tooMany(event, 1, 'pages at once')).catch(refuse)
  })
  await setImmediate()
}
