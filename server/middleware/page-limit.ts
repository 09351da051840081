/**
 * Pages that are rendered here cost more than most routes: they are counted by the network that asks. What a page asks of our
 * routes while it is rendered has the network of the page: Nitro hands the context of the page to the request that it makes up.
 */
export default defineEventHandler(async (event) => {
  const { __unenv__: page } = event.node.req as { __unenv__?: { network?: string } }
  event.context.network = page?.network ?? connectionNetwork(event)
  if (/^\/(?:api\/|healthz$|readyz$)/.test(event.path) || (getRouteRules(event) as { ssr?: boolean }).ssr === false) return
  try {
    await countRequest(event, 'page', clientNetwork(event))
  } catch (error) {
    if (!isError(error) || error.statusCode !== 429) throw error
    setResponseStatus(event, 429)
    setHeader(event, 'content-type', 'text/plain; charset=utf-8')
    return error.message
  }
})
