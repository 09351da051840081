import { setImmediate } from 'node:timers/promises'
import type { H3Event } from 'h3'

const longestMs = 200 // several times what rendering takes

/**
 * Pages that are rendered here cost more than most routes: they are counted by the network that asks. What a page asks of our
 * routes while it is rendered has the network of the page: Nitro hands the context of the page to the request that it makes up.
 * One is rendered at a time, the frame of a page that the browser renders as well.
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

// Until the page is there, and no longer than `longestMs`: whoever waits for the database, or sends to a slow reader, keeps
// nobody waiting. Other requests are looked after between two pages.
async function takePageTurn(event: H3Event): Promise<void> {
  await new Promise<void>((admit, refuse) => {
    const render = () =>
      new Promise<void>(release => {
        if (event.node.req.socket.destroyed) return release() // gone while it waited
        const timer = setTimeout(release, longestMs)
        const end = () => {
          clearTimeout(timer)
          release()
        }
        event.context.endPageTurn = end
        event.node.res.once('close', end)
        admit()
      })
    inTurn([{ key: 'page', most: 1 }], render, () => tooMany(event, 1, 'pages at once')).catch(refuse)
  })
  await setImmediate()
}
