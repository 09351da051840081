/**
 * Pages are rendered, which costs more than most routes: they are counted by the network that asks. What a page asks of our
 * routes while it is rendered has the network of the page, as both share a context.
 */
export default defineEventHandler(async (event) => {
  event.context.network ??= connectionNetwork(event)
  if (event.path.startsWith('/api/') || event.path === '/healthz' || event.path === '/readyz') return
  try {
    await countRequest(event, 'page', clientNetwork(event))
  } catch (error) {
    if (!isError(error) || error.statusCode !== 429) throw error
    setResponseStatus(event, 429)
    setHeader(event, 'content-type', 'text/plain; charset=utf-8')
    return error.message
  }
})
