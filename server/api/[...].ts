// Unknown paths and methods get the documented error shape instead of a page.
export default defineEventHandler(event => {
  const { path, handlers } = event.context.matchedRoute ?? {}
  if (!path || path === '/api/**') throw notFound()
  setHeader(
    event,
    'allow',
    Object.keys(handlers ?? {})
      .filter(method => method !== 'all')
      .map(method => method.toUpperCase())
      .join(', ')
  )
  throw failure(405, 'method_not_allowed', 'This path does not support this method')
})
