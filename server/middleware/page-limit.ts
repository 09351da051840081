import { setImmediate } from 'node:timers/promises'

/**
 * Pages that are rendered here cost more than most routes: they are counted by the network that asks. What a page asks of our
 * routes while it is rendered has the network of the page: Nitro hands the context of the page to the request that it makes up.
 * One page begins in each round of the event loop, so that two are never rendered at once.
 */
export default defineEventHandler(async (event) => {
  const { __unenv__: page } = event.node.req as { __unenv__?: { network?: string } }
  event.context.network = page?.network ?? connectionNetwork(event)
  if (/^\/(?:api\/|healthz$|readyz$)/.test(event.path) || (getRouteRules(event) as { ssr?: boolean }).ssr === false) return
  try {
    await countRequest(event, 'page', clientNetwork(event))
    await inTurn([{ key: 'page', most: 1 }], () => setImmediate(), () => tooMany(event, 1, 'pages at once'))
  } catch (error) {
    if (!isError(error) || error.statusCode !== 429) throw error
    setResponseStatus(event, 429)
    setHeader(event, 'content-type', 'text/plain; charset=utf-8')
    return error.message
  }
})
